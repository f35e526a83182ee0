"""When a link holds, and whom it leads to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from idp.store import guardianships
from idp.store.models.people import Guardianship, Membership, Person
from idp.store.session import Tx, UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


@pytest.fixture
def link(uow: UnitOfWork) -> dict[str, str]:
    with uow.write() as tx:
        school = add_school(tx)
        child = add_person(tx, given_name="Айгерім", family_name="Серікова", birth_date=date(2013, 5, 17))
        guardian = add_person(tx, "gulnara", given_name="Гүлнара")
        add_membership(tx, child, school, "pupil", grade="7")
        klass, group = add_class(tx, school), add_class(tx, school, "Ағылшын тілі", kind="scheduled")
        for one in (group, klass):
            add_enrolment(tx, school, one, child, "pupil")
        return {
            "school": school, "child": child, "guardian": guardian,
            "id": add_guardianship(tx, school, child, guardian),
        }  # fmt: skip


def _holds(tx: Tx, link: dict[str, str], today: date = TODAY) -> bool:
    found = guardianships.child(tx, link["guardian"], link["child"], today=today)
    assert bool(guardianships.children(tx, link["guardian"], today=today)) == bool(found)
    return found is not None


CASES: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"begin": TODAY}, True),
    ({"begin": TODAY + timedelta(days=1)}, False),
    ({"verified_at": None}, False),
    ({"blocked_at": BEGINNING}, False),
    ({"end": TODAY}, False),
    ({"end": TODAY + timedelta(days=1)}, True),
    ({"of_age_on": TODAY + timedelta(days=1)}, True),
    ({"of_age_on": TODAY}, False),
    ({"of_age_on": TODAY, "kept_at": BEGINNING}, True),
    ({"of_age_on": TODAY, "kept_at": BEGINNING, "blocked_at": BEGINNING}, False),
)
_PLAIN = {"verified_at": BEGINNING}
_BARE = dict.fromkeys(("begin", "end", "blocked_at", "of_age_on", "kept_at"))


def test_a_link_holds_only_while_nothing_speaks_against_it(uow: UnitOfWork, link: dict[str, str]) -> None:
    with uow.write() as tx:
        for changes, holds in CASES:
            tx.connection.execute(update(Guardianship).values(**(_BARE | _PLAIN | changes)))
            assert _holds(tx, link) is holds, changes


def test_a_child_comes_with_the_class_and_the_school_of_today(uow: UnitOfWork, link: dict[str, str]) -> None:
    with uow.write() as tx:
        (found,) = guardianships.children(tx, link["guardian"], today=TODAY)
        assert (found.name, found.class_title, found.grade) == ("Серікова Айгерім", "7 «Ә»", "7")
        assert (found.person_id, found.school_id, found.link_id) == (link["child"], link["school"], link["id"])
        tx.connection.execute(update(Membership).values(end=TODAY))
        (found,) = guardianships.children(tx, link["guardian"], today=TODAY)
        assert (found.school_id, found.school_name, found.class_title) == ("", "", "")
        assert guardianships.child(tx, link["child"], link["guardian"], today=TODAY) is None


BIRTHDAYS = (
    (date(2008, 9, 2), date(2026, 9, 2)),
    (date(2008, 9, 1), date(2026, 9, 1)),
    (date(2008, 2, 29), date(2026, 2, 28)),  # 2026 has no 29 February.
)


def test_a_link_pauses_on_the_eighteenth_birthday(uow: UnitOfWork, link: dict[str, str]) -> None:
    day = timedelta(days=1)
    with uow.write() as tx:
        for born, of_age in BIRTHDAYS:
            tx.connection.execute(update(Person).where(Person.id == link["child"]).values(birth_date=born))
            guardianships.set_of_age(tx, [link["child"], link["guardian"]])
            held = [_holds(tx, link, at) for at in (of_age - day, of_age, of_age + day)]
            assert held == [True, False, False], born
        tx.connection.execute(update(Person).values(birth_date=None))
        guardianships.set_of_age(tx, [link["child"]])
        assert _holds(tx, link, date(2099, 1, 1))
