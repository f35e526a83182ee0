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


def test_a_holiday_of_the_authority_holds_in_its_schools_alone(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        district = add_school(tx, "Аудан", type="district")
        school, other = add_school(tx, parent_id=district), add_school(tx, "№ 5 ауыл мектебі")
        row = {"id": "a" * 32, "school_id": district, "kind": "holiday", "title": "Аудан күні", "title_ru": ""}
        day = date(2026, 10, 27)
        calendar.add_day(tx, scope.of_operator((district,)), row | {"grades": [], "begin": day, "end": day})
        days = SchoolDays(uow)
        assert [days.working_days(tx, one).is_working(day) for one in (school, district, other, "")] == [
            False, False, True, True,
        ]  # fmt: skip
