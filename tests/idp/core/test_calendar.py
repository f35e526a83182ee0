"""Working days and ages: the clocks of the law."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.core.calendar import WorkingDays, age, days, years_after
from idp.services.holidays import YEARS, of_year

_OFF = frozenset(day for year in YEARS for one in of_year(year) for day in days(one.begin, one.end))
LAND = WorkingDays(off=_OFF, worked=frozenset({date(2026, 3, 28)}))
DAYS = st.dates(date(2025, 1, 1), date(2030, 6, 30))


@pytest.mark.parametrize(
    ("begin", "count", "due"),
    [
        (date(2026, 9, 1), 1, date(2026, 9, 2)),
        (date(2026, 9, 4), 1, date(2026, 9, 7)),  # a Friday: the weekend is not counted
        (date(2026, 3, 20), 1, date(2026, 3, 26)),  # Nauryz on Saturday to Monday takes two days more
        (date(2026, 3, 27), 1, date(2026, 3, 28)),  # a Saturday that is worked
        (date(2027, 12, 31), 1, date(2028, 1, 5)),  # New Year on a weekend
        (date(2028, 2, 28), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 1, date(2028, 3, 1)),
        (date(2026, 12, 15), 15, date(2027, 1, 11)),  # the clock of a withdrawal across three holidays
        (date(2026, 9, 1), 0, date(2026, 9, 1)),
    ],
)
def test_a_clock_of_the_law_counts_working_days(begin: date, count: int, due: date) -> None:
    assert LAND.after(begin, count) == due


def test_without_a_table_only_weekends_are_off() -> None:
    plain = WorkingDays()
    assert plain.after(date(2026, 3, 20), 1) == date(2026, 3, 23)
    assert not plain.is_working(date(2026, 3, 28))


def test_a_day_both_off_and_worked_is_off() -> None:
    day = date(2026, 3, 28)
    assert not WorkingDays(off=frozenset({day}), worked=frozenset({day})).is_working(day)


@given(DAYS, st.integers(1, 60))
def test_the_last_day_of_a_clock_is_worked_and_counts_back(begin: date, count: int) -> None:
    due = LAND.after(begin, count)
    assert LAND.is_working(due)
    assert LAND.between(begin, due) == count
    assert LAND.between(due, begin) == -count
    assert LAND.after(begin, count + 1) > due


@given(DAYS, st.integers(0, 400))
def test_between_counts_each_working_day_once(begin: date, length: int) -> None:
    end = begin + timedelta(days=length)
    assert LAND.between(begin, end) == sum(LAND.is_working(day) for day in days(begin + timedelta(days=1), end))


def test_a_child_of_29_february_is_of_age_on_28_february() -> None:
    birth = date(2008, 2, 29)
    assert years_after(birth, 18) == date(2026, 2, 28)
    assert years_after(birth, 20) == date(2028, 2, 29)
    assert (age(birth, date(2026, 2, 27)), age(birth, date(2026, 2, 28))) == (17, 18)


@given(st.dates(date(1930, 1, 1), date(2026, 1, 1)), st.integers(0, 100))
def test_an_age_grows_on_the_birthday(birth: date, years: int) -> None:
    birthday = years_after(birth, years)
    assert age(birth, birthday) == years
    assert age(birth, birthday - timedelta(days=1)) == years - 1
