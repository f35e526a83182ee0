"""The working days of one organisation."""

from __future__ import annotations

from datetime import date

from idp.services import scope
from idp.services.school_days import SchoolDays
from idp.store import calendar
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


def test_a_break_is_no_holiday_for_the_clocks_of_the_law(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        row = {"id": "a" * 32, "school_id": school, "kind": "break", "title": "Күзгі каникул", "title_ru": ""}
        calendar.add_day(
            tx,
            scope.of_operator((school,)),
            row | {"grades": [], "begin": date(2026, 10, 26), "end": date(2026, 11, 1)},
        )
        assert SchoolDays(uow).working_days(tx, school).is_working(date(2026, 10, 27))
