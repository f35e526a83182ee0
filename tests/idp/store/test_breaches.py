"""Rows of the register: nothing of another school, nothing changed after it was closed."""

from __future__ import annotations

from datetime import date

import pytest

from idp.core.clock import FixedClock
from idp.core.scope import Scope
from idp.store import breaches
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_a_breach_is_of_its_school_and_stands_once_closed(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        here, away = Scope("", "director", (school,)), Scope("", "director", (other,))
        for name, where in (("one", school), ("two", other)):
            add_membership(tx, add_person(tx, name, family_name=name), where)
        row = {
            "id": "b1", "school_id": school, "detected_at": clock.now(), "due_on": TODAY, "what": "x",
            "registered_by": "p",
        }  # fmt: skip
        with pytest.raises(ValueError, match="scope"):
            breaches.add(tx, away, row)
        breaches.add(tx, here, row)
        assert breaches.one(tx, away, "b1") is None
        assert breaches.name_people(tx, here, "b1", who="all", today=TODAY) == 1
        assert breaches.name_people(tx, here, "b1", who="all", today=TODAY) == 0
        assert [one["name"] for one in breaches.people(tx, here, "b1")] == ["one"]
        assert breaches.people(tx, away, "b1") == []
        assert breaches.forget_people(tx, away, "b1") == 0
        assert breaches.untold(tx, here, today=date(2026, 9, 2)) == (1, 1)
        rows, total = breaches.listed(tx, here, offset=0, limit=5)
        assert (rows[0]["people"], total, breaches.listed(tx, away, offset=0, limit=5)[1]) == (1, 1, 0)
        assert breaches.change(tx, here, "b1", {"closed_at": clock.now()})
        assert not breaches.change(tx, here, "b1", {"what": "y"})
        assert not breaches.change(tx, away, "b1", {"what": "y"})
