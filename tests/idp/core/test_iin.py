"""core/iin: shape, date and check digit (order-456 reference F4)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core import iin


@pytest.mark.parametrize(
    ("text", "born"),
    [("130901500000", date(2013, 9, 1)), ("850115300000", date(1985, 1, 15)), ("991231100000", date(1899, 12, 31))],
)
def test_the_date_of_birth_and_century_are_read(text: str, born: date) -> None:
    assert iin.birth_date(text) == born


@pytest.mark.parametrize(
    "text", ["", "12345678901", "1234567890123", "13090150000a", "131301500000", "130901700000", "١٣٠٩٠١٥٠٠٠٠٠"]
)
def test_what_is_no_number_is_not_well_formed(text: str) -> None:
    assert not iin.is_well_formed(text)


@given(st.integers(min_value=0, max_value=9999))
def test_exactly_one_last_digit_at_most_is_right(serial: int) -> None:
    stem = f"1309015{serial:04d}"
    right = [digit for digit in range(10) if iin.has_valid_check_digit(f"{stem}{digit}")]
    assert right == ([] if iin.check_digit(stem) is None else [iin.check_digit(stem)])


def test_the_second_row_of_weights_is_used_when_the_first_gives_ten() -> None:
    stems = [f"1309015{serial:04d}" for serial in range(10_000)]
    tens = [s for s in stems if sum(int(d) * w for d, w in zip(s, range(1, 12), strict=True)) % 11 == 10]
    assert tens
    assert {iin.check_digit(stem) for stem in tens} == {None, *range(10)}


@pytest.mark.parametrize(("text", "sex"), [("850525300015", "male"), ("850525400018", "female"), ("85052540001", "")])
def test_the_sex_is_read_from_a_well_formed_number(text: str, sex: str) -> None:
    assert iin.sex(text) == sex


def test_a_masked_number_shows_its_end_only() -> None:
    assert iin.masked("850525400018") == "••••••••0018"


def test_a_number_is_compared_without_what_stands_between_its_digits() -> None:
    assert iin.bare("1402 4000\u00a000-18") == iin.bare("140240000018") == "140240000018"
    assert iin.bare("") == ""
