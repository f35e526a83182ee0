"""Single cells."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.oneroster.errors import Problems
from idp.oneroster.schema import read_header
from idp.oneroster.values import Cells, grade, is_email, iso_date, phone
from tests.factories.rosters import columns


def _cells(kind: str = "users", *, is_delta: bool = False, **values: str) -> tuple[Cells, Problems]:
    problems = Problems()
    names = columns(kind)
    cells = Cells(f"{kind}.csv", read_header(names, kind, "1.2", problems), problems, is_delta=is_delta)
    assert cells.load(7, [values.get(name, "") for name in names])
    return cells, problems


@pytest.mark.parametrize(
    ("text", "expected"), [("09", "9"), ("KG", "0"), ("11", "11"), ("09,10", ""), ("", ""), ("13", None), ("x", None)]
)
def test_grades_are_numbers_of_kazakh_schools(text: str, expected: str | None) -> None:
    assert grade(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8 701 123 45 67", "+77011234567"), ("+7 (701) 123-45-67", "+77011234567"), ("7011234567", "+77011234567"),
     ("+447911123456", "+447911123456"), ("6037778888", None), ("+7701123456", None), ("12", None), ("1" * 30, None)],
)  # fmt: skip
def test_phones_become_e164(text: str, expected: str | None) -> None:
    assert phone(text) == expected


def test_dates_are_iso_and_real() -> None:
    assert iso_date("2028-02-29")
    assert not any(iso_date(text) for text in ("1/05/2023", "2026-02-29", "20260901", "2026-W01-1", "２０２６-09-01"))


def test_addresses_with_an_apostrophe_are_fine() -> None:
    assert is_email("bonita.o'keefe@school.example")
    assert not any(is_email(text) for text in ("a@b", "a b@c.kz", "a@b.kz, c@d.kz", "@b.kz"))


@pytest.mark.parametrize("name", ["=1+1", "+7", "-x", "@SUM(A1)"])
def test_a_name_like_a_formula_is_kept_as_text_and_reported(name: str) -> None:
    cells, problems = _cells(givenName=name)
    assert cells.name("givenName") == name
    assert problems.counts == {"formula": 1}


def test_a_name_is_composed_and_may_hold_no_hidden_direction() -> None:
    cells, problems = _cells(givenName="Й", familyName="a\u202eb")
    assert cells.name("givenName") == "Й"
    assert not problems.counts
    cells.name("familyName")
    assert problems.counts == {"control_character": 1}


def test_a_wrong_letter_case_is_understood_and_refused_until_accepted() -> None:
    cells, problems = _cells(enabledUser="TRUE")
    assert cells.word("enabledUser", {"true": "1", "false": ""}) == "1"
    assert problems.errors == 1
    assert problems.acceptable_now == ["letter_case"]


def test_status_by_mode() -> None:
    assert _cells(is_delta=True)[1].counts == {"status_missing": 1}
    assert _cells(status="active")[1].counts == {"bulk_status": 1}
    cells, problems = _cells(is_delta=True, status="inactive")
    assert cells.ended
    assert problems.counts == {"inactive": 1}
    cells, problems = _cells(is_delta=True, status="tobedeleted")
    assert cells.ended
    assert not problems.counts


def test_an_unreadable_date_of_change_is_an_error() -> None:
    _, problems = _cells(is_delta=True, status="active", dateLastModified="1/05/2023")
    assert problems.counts == {"bad_date": 1}
    assert problems.acceptable_now == []


def test_a_row_of_another_width_is_not_read() -> None:
    problems = Problems()
    cells = Cells("orgs.csv", read_header(columns("orgs"), "orgs", "1.2", problems), problems, is_delta=False)
    assert not cells.load(3, ["a"])
    assert [(p.code, p.line) for p in problems.items] == [("row_width", 3)]


def test_passwords_and_iin_never_stand_in_a_report() -> None:
    cells, problems = _cells(password="Batman.Ru1ez")
    cells.problem("password_ignored", "password", "Batman.Ru1ez")
    cells.problem("iin_format", "metadata.iin", "123456789012")
    assert [p.value for p in problems.items] == ["", ""]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_a_reader_of_single_cells(text: str) -> None:
    assert phone(text) is None or phone(text) == phone(str(phone(text)))
    assert grade(text) in (None, "", *(str(number) for number in range(13)))
    assert isinstance(iso_date(text), bool)
    assert isinstance(is_email(text), bool)
