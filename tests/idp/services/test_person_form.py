"""What a form about a person says."""

from __future__ import annotations

from datetime import date

import pytest

from idp.services.person_form import Mistakes, read, read_iin

TODAY = date(2026, 9, 1)
GOOD = {"given_name": "Айгерім", "language": "kk"}


def test_good_values_are_made_plain() -> None:
    form = {
        **GOOD, "family_name": " Серікова ", "birth_date": "2012-02-29", "sex": "female", "phone": "8 701 234 56 78",
    }  # fmt: skip
    given, wrong = read(form, today=TODAY)
    assert wrong == {}
    assert (given.family_name, given.birth_date, given.phone) == ("Серікова", date(2012, 2, 29), "+77012345678")
    assert given.columns["search_key"] == "серикова айгерим"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("given_name", "", "missing"),
        ("given_name", "R2D2", "name"),
        ("family_name", "ә" * 101, "name"),
        ("birth_date", "2011-02-29", "date"),
        ("birth_date", "2026-09-02", "date"),
        ("birth_date", "0013-05-17", "date"),
        ("sex", "x", "choice"),
        ("language", "", "choice"),
        ("email", "айгерім", "email"),
        ("phone", "12", "phone"),
    ],
)
def test_mistakes_are_told_by_field(field: str, value: str, code: str) -> None:
    assert read({**GOOD, field: value}, today=TODAY)[1] == {field: code}


def test_one_word_is_a_name() -> None:
    assert read({"family_name": "Сұлтан", "language": "ru"}, today=TODAY)[1] == {}


@pytest.mark.parametrize(
    ("text", "born", "is_dev", "wrong"),
    [
        ("", None, False, ""),
        ("130517 600019", date(2013, 5, 17), True, ""),
        ("130517600019", None, False, "iin_check"),
        ("130517600019", date(2013, 5, 18), True, "iin_birth_date"),
        ("131317600019", None, True, "iin"),
        ("1305176", None, True, "iin"),
    ],
)
def test_a_number_is_checked(text: str, born: date | None, is_dev: bool, wrong: str) -> None:
    assert read_iin(text, born, is_dev=is_dev)[1] == wrong


def test_mistakes_carry_whom_they_clash_with() -> None:
    assert Mistakes({"iin": "iin_taken"}, "p1").person_id == "p1"
