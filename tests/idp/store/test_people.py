"""Queries on people."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert, select

from idp.core.ids import new_id
from idp.core.names import sort_key
from idp.core.scope import Scope
from idp.store import people
from idp.store.models.people import Enrolment, Person, SchoolClass
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_pupils_stand_in_kazakh_order_without_those_who_left(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, klass = add_school(tx), new_id()
        tx.connection.execute(insert(SchoolClass), {"id": klass, "school_id": school, "title": "7 «Ә»", "sessions": []})
        for family, end, status in (
            ("Ізбасар", None, "active"), ("Әуезов", None, "active"), ("Байжан", None, "active"),
            ("Азат", date(2026, 8, 1), "active"), ("Асан", None, "ended"),
        ):  # fmt: skip
            person = add_person(tx, family, family_name=family, sort_key=sort_key(family, "", ""), status=status)
            row = {"id": new_id(), "school_id": school, "class_id": klass, "person_id": person, "role": "pupil"}
            tx.connection.execute(insert(Enrolment), row | {"end": end})
    with uow.read() as tx:
        found = people.pupils_of(tx, Scope("", "operator", (school,)), klass, today=TODAY)
        assert [pupil.family_name for pupil in found] == ["Әуезов", "Байжан", "Ізбасар"]
        assert people.pupils_of(tx, Scope("", "operator", ("other",)), klass, today=TODAY) == []


def test_nobody_is_closed_who_still_belongs_somewhere(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        mine, other = add_school(tx), add_school(tx)
        gone, stays = add_person(tx, "gone"), add_person(tx, "stays")
        add_membership(tx, gone, mine, end=TODAY)
        add_membership(tx, stays, mine, end=TODAY)
        add_membership(tx, stays, other)
        scope = Scope("", "operator", (mine,))
        assert people.close(tx, scope, [gone, stays], today=TODAY, now=BEGINNING) == [gone]
        found = {r.username: r.status for r in tx.connection.execute(select(Person.username, Person.status))}
    assert found == {"gone": "ended", "stays": "active"}


def test_usernames_and_hashes_in_use_are_found(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person = add_person(tx, "aigerim", iin_lookup=b"h", iin_sealed=b"s")
        assert people.taken_usernames(tx, ["aigerim", "nobody"]) == {"aigerim"}
        assert people.by_iin(tx, [b"h", b"x"]) == {b"h": person}
        assert people.by_username(tx, "aigerim") == person
