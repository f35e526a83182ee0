"""Public holidays as first rows of the calendar."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from idp.core.calendar import days
from idp.core.clock import FixedClock
from idp.services import scope
from idp.services.holidays import YEARS, Holidays, of_year
from idp.services.school_days import SchoolDays
from idp.store import calendar
from idp.store.models.audit import AuditEvent, Change
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


def _off(year: int) -> set[date]:
    return {day for one in of_year(year) for day in days(one.begin, one.end)}


def test_a_holiday_on_a_weekend_moves_the_day_off() -> None:
    assert {date(2025, 3, day) for day in (8, 10, 21, 22, 23, 24, 25)} == {d for d in _off(2025) if d.month == 3}
    assert {date(2026, 3, day) for day in (8, 9, 21, 22, 23, 24, 25)} == {d for d in _off(2026) if d.month == 3}
    assert {date(2028, 1, day) for day in (1, 2, 3, 4, 7)} == {d for d in _off(2028) if d.month == 1}


def test_the_day_off_of_7_january_does_not_move() -> None:
    assert date(2029, 1, 7).weekday() == 6
    assert date(2029, 1, 8) not in _off(2029)


def test_every_year_has_all_fixed_days_and_no_day_twice() -> None:
    fixed = {(1, 1), (1, 2), (1, 7), (3, 8), (3, 21), (3, 22), (3, 23), (5, 1), (5, 7), (5, 9), (7, 6), (8, 30)}
    fixed |= {(10, 25), (12, 16)}
    for year in YEARS:
        listed = [day for one in of_year(year) for day in days(one.begin, one.end)]
        assert len(listed) == len(set(listed))
        assert fixed <= {(day.month, day.day) for day in listed}


def test_seeding_twice_adds_nothing_and_keeps_what_the_operator_did(uow: UnitOfWork, clock: FixedClock) -> None:
    holidays = Holidays(uow, clock)
    first = holidays.seed()
    operator = scope.of_operator(())
    with uow.write() as tx:
        gone = calendar.days(tx, operator, begin=date(2027, 5, 9), end=date(2027, 5, 9))[0]
        assert calendar.remove_day(tx, operator, gone["id"])
    assert (first > 80, holidays.seed()) == (True, 0)
    with uow.read() as tx:
        assert len(calendar.days(tx, operator)) == first - 1
        assert tx.connection.scalar(select(func.count()).select_from(Change)) == first
        assert tx.connection.execute(select(AuditEvent.data)).scalar_one()["days"] == first


def test_a_school_counts_with_the_country_and_its_own_days(uow: UnitOfWork, clock: FixedClock) -> None:
    Holidays(uow, clock).seed()
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        operator = scope.of_operator((school, other))
        for day_id, school_id, kind, begin, end in (
            ("a" * 32, school, "holiday", date(2026, 10, 5), date(2026, 10, 5)),
            ("b" * 32, school, "break", date(2026, 10, 26), date(2026, 11, 1)),
            ("c" * 32, school, "working", date(2026, 10, 10), date(2026, 10, 10)),
            ("d" * 32, other, "holiday", date(2026, 10, 6), date(2026, 10, 6)),
        ):
            row = {"id": day_id, "school_id": school_id, "kind": kind, "title": "", "title_ru": "", "grades": []}
            calendar.add_day(tx, operator, row | {"begin": begin, "end": end})
    here = SchoolDays(uow).of(school)
    worked = {day for day in range(1, 32) if here.is_working(date(2026, 10, day))}
    # Off: weekends but the 10th, the own holiday on the 5th, and the 26th for the Republic's day on a Sunday.
    assert worked == {1, 2, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 19, 20, 21, 22, 23, 27, 28, 29, 30}
    assert SchoolDays(uow).of("").is_working(date(2026, 10, 5))
