"""store/claims: facts of one person, bound to one membership where a school is concerned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.services import scope
from idp.store import clients
from idp.store.models.people import Enrolment, Guardianship, Membership, SchoolClass
from idp.store.oidc import OidcStores
from idp.store.session import Tx, UnitOfWork
from tests.factories.oidc import client_row
from tests.factories.rows import add_membership, add_person, add_school


def _enrol(tx: Tx, person_id: str, school_id: str, title: str, role: str = "pupil", **fields: Any) -> None:
    class_id = new_id()
    tx.connection.execute(insert(SchoolClass), {"id": class_id, "school_id": school_id, "title": title, "grade": "7"})
    row = {"id": new_id(), "school_id": school_id, "class_id": class_id, "person_id": person_id, "role": role}
    tx.connection.execute(insert(Enrolment), row | fields)


@pytest.fixture
def today(clock: FixedClock) -> date:
    return clock.now().date()


@pytest.fixture
def stores(uow: UnitOfWork) -> OidcStores:
    return OidcStores(uow, scope.of_person)


def test_memberships_that_hold_today(uow: UnitOfWork, stores: OidcStores, today: date) -> None:
    with uow.write() as tx:
        person, school = add_person(tx), add_school(tx, "№ 12", region="Алматы")
        now = add_membership(tx, person, school, "pupil", grade="7", is_primary=True, end=today + timedelta(days=1))
        add_membership(tx, person, school, "guardian", end=today)
        add_membership(tx, person, school, "teacher", begin=today + timedelta(days=1))
    with stores.read() as opened:
        (found,) = opened.claims.memberships(person, today=today)
    assert (found["id"], found["school_name"], found["region"], found["grade"]) == (now, "№ 12", "Алматы", "7")


def test_classes_follow_the_active_membership_only(uow: UnitOfWork, stores: OidcStores, today: date) -> None:
    with uow.write() as tx:
        person, first, second = add_person(tx), add_school(tx), add_school(tx)
        pupil = add_membership(tx, person, first, "pupil")
        teacher = add_membership(tx, person, first, "teacher")
        elsewhere = add_membership(tx, person, second, "pupil")
        _enrol(tx, person, first, "7 «Ә»")
        _enrol(tx, person, first, "5 «Б»", "class_teacher")
        _enrol(tx, person, second, "9 «В»")
        _enrol(tx, person, first, "over", end=today)
        other = add_membership(tx, add_person(tx, "nurlan"), first)
    with stores.read() as opened:
        titles = {
            membership: [row["title"] for row in opened.claims.classes(person, membership, today=today)]
            for membership in (pupil, teacher, elsewhere, other)
        }
    assert titles == {pupil: ["7 «Ә»"], teacher: ["5 «Б»"], elsewhere: ["9 «В»"], other: []}


@pytest.mark.parametrize("ended", ["nothing", "blocked", "over", "child", "schooling"])
def test_children_are_those_of_today(
    uow: UnitOfWork, stores: OidcStores, clock: FixedClock, today: date, ended: str
) -> None:
    with uow.write() as tx:
        mother, child, school = add_person(tx, "gulnara"), add_person(tx, "nurlan", given_name="Нұрлан"), add_school(tx)
        if ended == "child":
            child = add_person(tx, "gone", status="ended")
        add_membership(tx, child, school, "pupil")
        _enrol(tx, child, school, "1 «А»")
        link: dict[str, Any] = {
            "id": new_id(),
            "school_id": school,
            "child_id": child,
            "guardian_id": mother,
            "verified_at": clock.now(),
            "blocked_at": clock.now() if ended == "blocked" else None,
            "end": today if ended == "over" else None,
        }
        tx.connection.execute(insert(Guardianship), link)
        if ended == "schooling":
            tx.connection.execute(update(Membership).where(Membership.person_id == child).values(end=today))
    with stores.read() as opened:
        children = opened.claims.children(mother, today=today)
        guardians = opened.claims.guardians(child, today=today)
    if ended in ("blocked", "over"):
        assert children == guardians == []
    elif ended == "child":
        assert children == []
    else:
        assert [row["person_id"] for row in guardians] == [mother]
        assert [row["relation"] for row in children] == ["parent"]
        assert [one["title"] for one in children[0]["classes"]] == ([] if ended == "schooling" else ["1 «А»"])
        assert (children[0]["school_id"] is None) is (ended == "schooling")


def test_licences_are_what_the_school_has_switched_on(
    uow: UnitOfWork, stores: OidcStores, clock: FixedClock, today: date
) -> None:
    with uow.write() as tx:
        person, school, other = add_person(tx), add_school(tx), add_school(tx)
        membership = add_membership(tx, person, school)
        registered: dict[str, dict[str, Any]] = {
            "everywhere": {"all_schools": True},
            "here": {"all_schools": False},
            "there": {"all_schools": False},
            "off": {"all_schools": True, "is_disabled": True},
            "over": {"all_schools": True, "end_date": today - timedelta(days=1)},
        }
        for client_id, changes in registered.items():
            row = client_row(client_id, **changes)._asdict() | {"created_at": clock.now(), "updated_at": clock.now()}
            clients.add(tx, row)
        clients.switch_on(tx, scope.of_operator((school,)), "here", begin=today, by="operator")
        clients.switch_on(tx, scope.of_operator((other,)), "there", begin=today, by="operator")
    with stores.read() as opened:
        found = opened.claims.licences(person, membership, today=today)
        assert opened.claims.licences(person, "no membership", today=today) == []
    assert [row["client_id"] for row in found] == ["here"]


def test_a_person_is_read_with_all_facts(uow: UnitOfWork, stores: OidcStores) -> None:
    with uow.write() as tx:
        person = add_person(tx, claims={"website": "https://a.example"}, iin_sealed=b"sealed")
    with stores.read() as opened:
        found = opened.claims.person(person)
        assert opened.claims.person("nobody") is None
    assert found
    assert (found["username"], found["claims"], found["iin_sealed"]) == (
        "aigerim",
        {"website": "https://a.example"},
        b"sealed",
    )
