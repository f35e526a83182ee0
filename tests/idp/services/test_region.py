"""The generator: exact, repeatable, and nobody real."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.core import iin
from idp.oneroster.errors import Problems
from idp.oneroster.records import Agent, Enrollment, Org, Role, User
from idp.oneroster.writer import bundle_writer
from idp.services.region import Region
from tests.factories.rosters import read


def _make(target: Path, *, people: int, schools: int, seed: int) -> Path:
    with bundle_writer(target) as writer:
        Region(writer, people=people, schools=schools, seed=seed).write(lambda _step, _count: None)
    return target


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one = _make(tmp_path / "a.zip", people=150, schools=2, seed=7)
    two = _make(tmp_path / "b.zip", people=150, schools=2, seed=7)
    other = _make(tmp_path / "c.zip", people=150, schools=2, seed=8)
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != other.read_bytes()


def test_a_region_is_whole(tmp_path: Path) -> None:
    problems = Problems(is_dev=True)
    records = read(_make(tmp_path / "r", people=900, schools=3, seed=1), problems)
    assert set(problems.counts) == {"iin_checksum"}
    users = [r for r in records if isinstance(r, User)]
    assert len(users) == 900
    assert len({user.username for user in users}) == 900
    assert len({user.iin for user in users}) == 900
    assert not any(iin.has_valid_check_digit(user.iin) for user in users)
    assert sum(isinstance(r, Org) for r in records) == 4
    roles = Counter(r.role for r in records if isinstance(r, Role))
    assert {"student", "parent", "teacher", "principal", "ext:canteen", "ext:nurse"} <= set(roles)
    guardians = Counter(r.owner for r in records if isinstance(r, Agent))
    assert set(guardians.values()) == {1, 2}
    assert max(Counter(r.other for r in records if isinstance(r, Agent)).values()) > 1
    assert sum(r.role == "pupil" for r in records if isinstance(r, Enrollment)) == roles["student"]


@settings(max_examples=25, deadline=None)
@given(people=st.integers(1, 120), schools=st.integers(0, 12), seed=st.integers(0, 1000))
def test_any_size_has_exactly_so_many_people(
    tmp_path_factory: pytest.TempPathFactory, people: int, schools: int, seed: int
) -> None:
    folder = _make(tmp_path_factory.mktemp("r"), people=people, schools=schools, seed=seed)
    problems = Problems(is_dev=True)
    assert sum(isinstance(record, User) for record in read(folder, problems)) == people
    assert not problems.errors
