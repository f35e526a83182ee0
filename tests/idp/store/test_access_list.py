"""Roles of staff, and nobody who left."""

from __future__ import annotations

from datetime import date

from idp.core.scope import Scope
from idp.store import access_list
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school


def test_a_role_that_ended_and_a_closed_account_are_not_listed(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        for name, fields in (("here", {}), ("left", {"end": date(2026, 8, 31)}), ("closed", {})):
            person = add_person(tx, name, status="ended" if name == "closed" else "active")
            add_membership(tx, person, school, "teacher", **fields)
        rows = access_list.staff(tx, Scope("", "director", (school,)), today=date(2026, 9, 1))
        assert [row["name"] for row in rows] == ["here"]
        assert access_list.staff(tx, Scope("", "director", ()), today=date(2026, 9, 1)) == []
