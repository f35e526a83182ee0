"""The demo school has a year, and a second start changes nothing."""

from __future__ import annotations

from idp.core.clock import FixedClock
from idp.services import scope
from idp.services.demo_calendar import make_calendar
from idp.services.school_calendar import SchoolCalendar
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


def test_four_quarters_and_two_shifts_are_made_once(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school = add_school(tx, identifier="960940000011")
    make_calendar(uow, clock, "000000000000")
    for _ in range(2):
        make_calendar(uow, clock, "960940000011")
        view = SchoolCalendar(uow, clock).view(scope.of_operator((school,)), school)
        assert [row["type"] for row in view.sessions] == ["schoolYear", "term", "term", "term", "term"]
        assert all("ойдан алынған" in row["title"] for row in view.sessions)
        assert (len(view.days), {shift: len(rows) for shift, rows in view.bells.items()}) == (4, {"1": 6, "2": 6})
