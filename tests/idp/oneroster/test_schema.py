"""Headers: what is missing, misspelt, doubled or foreign is said before a row is read."""

from __future__ import annotations

import pytest

from idp.oneroster.errors import Problems, Unreadable
from idp.oneroster.schema import read_header
from tests.factories.rosters import columns


def _refusal(cells: list[str], kind: str = "users") -> list[tuple[str, str]]:
    problems = Problems()
    with pytest.raises(Unreadable):
        read_header(cells, kind, "1.2", problems)
    return [(p.code, p.value) for p in problems.items if p.severity == "error"]


@pytest.mark.parametrize(("separator", "name"), [(";", "«;»"), ("\t", "TAB"), ("|", "«|»")])
def test_another_separator_is_named(separator: str, name: str) -> None:
    assert _refusal([separator.join(columns("users"))]) == [("delimiter", name)]


def test_a_missing_column_is_named() -> None:
    assert _refusal([c for c in columns("users") if c != "enabledUser"]) == [("column_missing", "enabledUser")]


def test_a_misspelt_column_is_never_taken_for_an_extension() -> None:
    cells = ["dataLastModified" if c == "dateLastModified" else c for c in columns("roles")]
    assert _refusal(cells, "roles") == [("column_misspelt", "dataLastModified → dateLastModified")]


def test_a_column_in_other_letter_case_is_misspelt() -> None:
    cells = ["sourcedid" if c == "sourcedId" else c for c in columns("orgs")]
    assert ("column_misspelt", "sourcedid → sourcedId") in _refusal(cells, "orgs")


def test_a_doubled_and_an_unnamed_column_are_refused() -> None:
    assert _refusal([*columns("orgs"), "name", ""], "orgs") == [("column_duplicate", "name"), ("column_unnamed", "")]


def test_foreign_and_absent_columns_are_warnings() -> None:
    problems = Problems()
    cells = [c for c in columns("users") if c != "pronouns"] + ["metadata.favouriteColour"]
    header = read_header(cells, "users", "1.2", problems)
    assert header.width == len(cells)
    assert problems.counts == {"column_unknown": 1, "column_absent": 1}
