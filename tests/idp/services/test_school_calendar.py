"""The calendar of a school: years and terms, days that differ, bells; and last year's once more."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.services import scope
from idp.services.forms import Wrong
from idp.services.holidays import Holidays
from idp.services.school_calendar import SchoolCalendar
from idp.services.school_days import SchoolDays
from idp.store.models.audit import AuditEvent, Change
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


@pytest.fixture
def ground(uow: UnitOfWork, clock: FixedClock) -> dict[str, Any]:
    with uow.write() as tx:
        district = add_school(tx, "Аудан", type="district")
        school = add_school(tx, parent_id=district)
    here = scope.of_person("boss", "director", (school,))
    return {"service": SchoolCalendar(uow, clock), "scope": here, "school": school, "district": district}


def _year(ground: dict[str, Any], **fields: str) -> str:
    form = {"title": "2026–2027", "begin": "2026-09-01", "end": "2027-05-25"} | fields
    return str(ground["service"].add_session(ground["scope"], "boss", ground["school"], form))


def test_terms_stand_in_their_year_and_never_overlap(ground: dict[str, Any]) -> None:
    year = _year(ground)
    first = _year(ground, title="1-тоқсан", end="2026-10-25", parent_id=year)
    for fields, wrong in (
        ({"parent_id": year, "begin": "2026-10-20", "end": "2026-12-28"}, {"begin": "overlap"}),
        ({"parent_id": year, "begin": "2026-08-20", "end": "2026-08-28"}, {"begin": "outside"}),
        ({"parent_id": year, "begin": "2026-12-28", "end": "2026-11-02"}, {"end": "reversed"}),
        ({"begin": "2027-01-01"}, {"begin": "overlap"}), ({"begin": "", "title": ""},
        {"begin": "missing", "title": "missing"}), ({"begin": "2028-01-01", "end": "2030-01-01"}, {"end": "too_long"}),
    ):  # fmt: skip
        with pytest.raises(Wrong) as refused:
            _year(ground, **fields)
        assert refused.value.fields == wrong
    with pytest.raises(NotFound):
        _year(ground, parent_id=first)
    service, here, school = ground["service"], ground["scope"], ground["school"]
    assert [row["title"] for row in service.view(here, school).sessions] == ["2026–2027", "1-тоқсан"]
    service.end_session(here, "boss", school, year)
    service.end_session(here, "boss", school, year)
    assert service.view(here, school).sessions == []


def test_a_school_without_years_shows_those_of_the_authority(ground: dict[str, Any]) -> None:
    above = scope.of_operator((ground["district"],))
    form = {"title": "Аудандық", "begin": "2026-09-01", "end": "2027-05-25"}
    ground["service"].add_session(above, "op", ground["district"], form)
    view = ground["service"].view(ground["scope"], ground["school"])
    assert ([row["title"] for row in view.sessions], view.is_own) == (["Аудандық"], False)


def test_days_of_a_school_change_its_working_days(ground: dict[str, Any], uow: UnitOfWork) -> None:
    service, here, school = ground["service"], ground["scope"], ground["school"]
    working = service.add_day(here, "boss", school, {"kind": "working", "title": "Ауысым", "begin": "2026-10-10"})
    form = {"kind": "break", "title": "Күзгі", "begin": "2026-10-26", "end": "2026-11-01", "grades": "1, 2"}
    service.add_day(here, "boss", school, form)
    assert SchoolDays(uow).of(school).is_working(date(2026, 10, 10))
    for fields, wrong in (
        ({"kind": "working"}, {"begin": "weekday"}), ({"end": "2026-10-01"}, {"end": "reversed"}),
        ({"end": "2027-10-01"}, {"end": "too_long"}), ({"grades": "1, x"}, {"grades": "unknown"}),
        ({"kind": "party"}, {"kind": "unknown"}),
    ):  # fmt: skip
        with pytest.raises(Wrong) as refused:
            service.add_day(here, "boss", school, form | fields)
        assert refused.value.fields == wrong
    view = service.view(here, school, month="2026-10")
    assert [row["title"] for row in view.days] == ["Ауысым", "Күзгі"]
    assert {day.kind for day in view.month.special} == {"working", "break"}
    service.remove_day(here, "boss", school, working)
    service.remove_day(here, "boss", school, working)
    assert not SchoolDays(uow).of(school).is_working(date(2026, 10, 10))
    with uow.read() as tx:
        told = Counter(tuple(row) for row in tx.connection.execute(select(Change.kind, Change.action)))
        assert told == {("calendar", "added"): 2, ("calendar", "ended"): 1}
        assert set(tx.connection.scalars(select(AuditEvent.event))) == {"calendar_changed"}


def test_only_the_operator_writes_days_of_the_country(
    ground: dict[str, Any], uow: UnitOfWork, clock: FixedClock
) -> None:
    Holidays(uow, clock).seed()
    service, operator = ground["service"], scope.of_operator(())
    form = {"kind": "holiday", "title": "Құрбан айт", "begin": "2027-05-16"}
    new = service.add_day(operator, "op", None, form)
    assert new in {row["id"] for row in service.national(operator, 2027)}
    with pytest.raises(ValueError, match="outside"):
        service.add_day(ground["scope"], "boss", None, form)
    with pytest.raises(Wrong):
        service.add_day(operator, "op", None, form | {"kind": "break"})
    service.remove_day(ground["scope"], "boss", ground["school"], new)
    assert new in {row["id"] for row in service.national(operator, 2027)}
    service.remove_day(operator, "op", None, new)
    assert new not in {row["id"] for row in service.national(operator, 2027)}


def test_bells_follow_one_another(ground: dict[str, Any]) -> None:
    service, here, school = ground["service"], ground["scope"], ground["school"]
    form = {"begin1": "08:00", "end1": "08:45", "begin3": "08:50", "end3": "09:35"}
    service.set_bells(here, "boss", school, "1", form)
    bells = service.view(here, school).bells
    assert [(row["lesson"], row["begin"], row["end"]) for row in bells["1"]] == [(1, 480, 525), (2, 530, 575)]
    for fields, wrong in (
        ({"begin3": "08:40"}, {"begin3": "overlap"}), ({"end1": "07:45"}, {"end1": "reversed"}),
        ({"end1": ""}, {"end1": "missing"}), ({"begin1": "late"}, {"begin1": "format"}),
    ):  # fmt: skip
        with pytest.raises(Wrong) as refused:
            service.set_bells(here, "boss", school, "1", form | fields)
        assert wrong.items() <= refused.value.fields.items()
    service.set_bells(here, "boss", school, "1", {})
    assert service.view(here, school).bells == {}
    with pytest.raises(NotFound):
        service.set_bells(here, "boss", school, "9", form)


def test_last_year_once_more_keeps_the_weekdays(ground: dict[str, Any]) -> None:
    service, here, school = ground["service"], ground["scope"], ground["school"]
    with pytest.raises(Wrong):
        service.copy_year(here, "boss", school)
    year = _year(ground, title="2026–2027 оқу жылы")
    for title, begin, end in (("1", "2026-09-01", "2026-10-25"), ("2", "2026-11-02", "2027-05-25")):
        _year(ground, title=title, begin=begin, end=end, parent_id=year)
    form = {"kind": "break", "title": "Күзгі", "begin": "2026-10-26", "end": "2026-11-01"}
    service.add_day(here, "boss", school, form)
    new = service.copy_year(here, "boss", school)
    view = service.view(here, school)
    own = [row for row in view.sessions if new in (row["id"], row["parent_id"])]
    assert [(row["title"], row["begin"], row["end"]) for row in own] == [
        ("2027–2028 оқу жылы", date(2027, 9, 1), date(2028, 5, 25)), ("1", date(2027, 9, 1), date(2027, 10, 24)),
        ("2", date(2027, 11, 1), date(2028, 5, 25)),
    ]  # fmt: skip
    copied = view.days[-1]
    assert (copied["begin"], copied["begin"].weekday()) == (date(2027, 10, 25), 0)
