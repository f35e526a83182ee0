"""What we write, we read."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.oneroster.errors import Problems
from idp.oneroster.records import Org, User
from idp.oneroster.writer import bundle_writer
from tests.factories.rosters import read


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_a_written_bundle_reads_back(tmp_path: Path, name: str) -> None:
    with bundle_writer(tmp_path / name) as writer:
        writer.write("orgs", {"sourcedId": "s", "name": 'Мектеп "Ә", №1', "type": "school"})
        writer.write("users", {"sourcedId": "p", "enabledUser": "true", "givenName": "Ә", "metadata.language": "ru"})
    problems = Problems()
    records = read(tmp_path / name, problems)
    assert not problems.counts
    assert [r.name for r in records if isinstance(r, Org)] == ['Мектеп "Ә", №1']
    assert [r.language for r in records if isinstance(r, User)] == ["ru"]


def test_a_zip_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), bundle_writer(tmp_path / "bundle.zip"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
