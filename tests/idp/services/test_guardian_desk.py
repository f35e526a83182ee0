"""The desk: a paper is seen, somebody is linked at once, and no copy is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.core.scope import Scope
from idp.services.guardian_desk import AtDesk, Paper
from idp.store.models.people import Guardianship, Membership, Person
from tests.factories.console import Console

IIN = "850525400018"
PAPER = Paper("Туу туралы куәлік", "1234567", "17.05.2013", "АХАЖ бөлімі")
MOTHER = AtDesk("Серікова", "Мәдина", iin=IIN, paper=PAPER, is_seen=True)


def _scope(console: Console, role: str = "secretary", school: str = "") -> Scope:
    return Scope(console.people[role], role, (school or console.school,))


def test_a_newcomer_gets_an_account_a_first_password_and_the_child(console: Console) -> None:
    desk, pupil = console.parts.guardian_desk, console.people["pupil"]
    linked = desk.link(_scope(console), console.school, pupil, MOTHER)
    assert (linked.name, linked.username) == ("Серікова Мәдина", "madina.serikova")
    assert len(linked.password) > 10
    assert [child.person_id for child in console.parts.guardians.children(linked.person_id)] == [pupil]
    with console.parts.uow.read() as tx:
        row = tx.session.get(Guardianship, linked.link_id)
        person = tx.session.get(Person, linked.person_id)
        roles = tx.connection.execute(
            select(Membership.school_id, Membership.role).where(Membership.person_id == linked.person_id)
        ).all()
        assert row is not None
        assert person is not None
        assert row.basis == "Туу туралы куәлік № 1234567, 17.05.2013, АХАЖ бөлімі"
        assert (row.verified_by, row.evidence) == (console.people["secretary"], {"channel": "desk", "seen": "identity"})
        assert row.of_age_on == date(2031, 5, 17)
        assert person.iin_lookup == console.parts.iin_vault.lookup(IIN)
    assert [tuple(role) for role in roles] == [(console.school, "guardian")]
    with pytest.raises(Conflict) as caught:
        desk.link(_scope(console), console.school, pupil, MOTHER)
    assert caught.value.code == "link_there"


def test_the_number_finds_the_account_of_another_school(console: Console) -> None:
    desk = console.parts.guardian_desk
    first = desk.link(_scope(console), console.school, console.people["pupil"], MOTHER)
    scope = _scope(console, "other_director", console.other)
    other = console.people["other_pupil"]
    with pytest.raises(NotFound) as caught:
        desk.link(scope, console.other, other, replace(MOTHER, family_name="Басқа"))
    assert caught.value.code == "person_unknown"
    second = desk.link(scope, console.other, other, replace(MOTHER, family_name="СЕРИКОВА", given_name="Басқа"))
    assert (second.person_id, second.password) == (first.person_id, "")
    assert len(console.parts.guardians.children(first.person_id)) == 2


def test_a_username_counts_only_with_the_names_that_go_with_it(console: Console) -> None:
    desk, scope, pupil = console.parts.guardian_desk, _scope(console), console.people["pupil"]
    with console.parts.uow.write() as tx:
        console.add(tx, "aunt", "guardian", console.other, family_name="Ниязова", given_name="Әсем")
    aunt = replace(MOTHER, family_name="НИЯЗОВА", given_name="Асем", iin="", username="Aunt", relation="trustee")
    for wrong in (replace(aunt, username="nobody"), replace(aunt, family_name="Басқа")):
        with pytest.raises(NotFound) as caught:
            desk.link(scope, console.school, pupil, wrong)
        assert caught.value.code == "person_unknown"
    assert desk.link(scope, console.school, pupil, aunt).person_id == console.people["aunt"]


def test_what_a_form_lacks_is_said_at_once(console: Console) -> None:
    desk = console.parts.guardian_desk
    empty = AtDesk("", "", iin="12", relation="friend", end=date(2026, 8, 1))
    assert desk.mistakes(empty) == [
        "name_missing", "iin_wrong", "relation_unknown", "basis_missing", "term_wrong", "not_seen",
    ]  # fmt: skip
    assert desk.mistakes(replace(MOTHER, iin="100525600011")) == ["guardian_minor"]
    assert desk.mistakes(MOTHER) == []
    with pytest.raises(Invalid):
        desk.link(_scope(console), console.school, console.people["pupil"], empty)


def test_a_blocked_link_a_grown_up_and_another_schools_child_are_refused(console: Console) -> None:
    desk, scope, pupil = console.parts.guardian_desk, _scope(console), console.people["pupil"]
    linked = desk.link(scope, console.school, pupil, MOTHER)
    director = _scope(console, "director")
    console.parts.guardian_links.block(
        director, linked.link_id, school_id=console.school, basis="court", reason="Шешім № 1"
    )
    with console.parts.uow.write() as tx:
        console.add(tx, "grown", "pupil", console.school, birth_date=date(2008, 9, 1))
    tries = [(pupil, "link_blocked"), (console.people["grown"], "child_of_age"),
             (console.people["other_pupil"], "not_found"), (console.people["teacher"], "not_found")]  # fmt: skip
    for child, code in tries:
        with pytest.raises((Conflict, NotFound)) as caught:
            desk.link(scope, console.school, child, MOTHER)
        assert caught.value.code == code


def test_a_waiting_or_ended_link_is_verified_at_the_desk(console: Console) -> None:
    desk, scope, pupil = console.parts.guardian_desk, _scope(console), console.people["pupil"]
    linked = desk.link(scope, console.school, pupil, MOTHER)
    console.parts.guardian_links.end(scope, linked.link_id, school_id=console.school, reason="Қате болды")
    again = desk.link(scope, console.school, pupil, replace(MOTHER, relation="guardian"))
    assert again.link_id == linked.link_id
    assert [child.relation for child in console.parts.guardians.children(again.person_id)] == ["guardian"]


def test_nobody_links_themselves_at_the_desk(console: Console) -> None:
    with console.parts.uow.write() as tx:
        console.add(tx, "clerk", "secretary", console.school, family_name="Ниязова", given_name="Әсем")
    own = replace(MOTHER, family_name="Ниязова", given_name="Әсем", iin="", username="clerk")
    with pytest.raises(Denied) as caught:
        console.parts.guardian_desk.link(_scope(console, "clerk"), console.school, console.people["pupil"], own)
    assert caught.value.code == "own_link"
