"""Bulk statements keep to the schools of their source."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from idp.core.errors import Conflict, Denied
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.store import rosters
from idp.store.models.people import Membership
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_rows_of_another_school_are_neither_added_changed_nor_ended(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        mine, other = add_school(tx), add_school(tx)
        person = add_person(tx)
        membership = add_membership(tx, person, other)
    scope = Scope("", "operator", (mine,))
    row = {"id": membership, "school_id": other, "person_id": person, "role": "director"}
    with uow.write() as tx:
        with pytest.raises(Denied):
            rosters.add(tx, scope, "roles", [row | {"id": new_id()}])
        with pytest.raises(Denied):
            rosters.change(tx, scope, "roles", [row])
        rosters.change(tx, scope, "roles", [row | {"school_id": mine}])
        assert rosters.end(tx, scope, "roles", [membership], today=TODAY) == []
        assert rosters.dependants(tx, scope, "users", [person], today=TODAY)["roles"] == []
    with uow.read() as tx:
        kept = tx.connection.execute(select(Membership.school_id, Membership.role, Membership.end)).one()
    assert tuple(kept) == (other, "pupil", None)


def test_what_has_ended_already_keeps_its_day(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        membership = add_membership(tx, add_person(tx), school, end=date(2026, 1, 1))
        assert rosters.end(tx, Scope("", "operator", (school,)), "roles", [membership], today=TODAY) == []


def test_only_one_of_two_imports_gets_the_next_generation(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        rosters.next_generation(tx, "", "one")
    with uow.read() as tx:
        seen = rosters.generation(tx)
    with uow.write() as tx:
        rosters.next_generation(tx, seen, "two")
    with pytest.raises(Conflict), uow.write() as tx:
        rosters.next_generation(tx, seen, "three")


def test_known_records_come_in_pages_and_in_order(uow: UnitOfWork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rosters, "PAGE", 3)
    with uow.write() as tx:
        rows = [("added", f"id{n}", f"t{n}", "d") for n in range(7)]
        rosters.remember(tx, "source", "users", rows)
        rosters.remember(tx, "source", "users", [("changed", "id0", "t0", "e")])
        rosters.remember(tx, "elsewhere", "users", rows)
        rosters.forget(tx, "source", "users", ["t6"], now=BEGINNING)
    with uow.read() as tx:
        pages = list(rosters.known(tx, "source"))
    assert [row[1] for page in pages for row in page] == [f"id{n}" for n in range(7)]
    assert pages[0][0] == ("users", "id0", "t0", "e", 0)
    assert pages[-1][-1][4] == 1


def test_a_public_number_two_organisations_share_names_neither(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        one = add_school(tx, identifier="111111111111")
        add_school(tx, identifier="222222222222")
        add_school(tx, identifier="222222222222")
        assert rosters.organisations_by_identifier(tx, ["111111111111", "222222222222", "3"]) == {"111111111111": one}
