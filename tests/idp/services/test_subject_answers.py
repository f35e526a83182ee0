"""An answer does what it says, in its own transaction, and only by who may."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.core import levels
from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.listing import Asked
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Credential, Enrolment, Guardianship, Membership, Person, PersonWord
from idp.store.models.subject_requests import SubjectRequest
from tests.factories.console import Console
from tests.factories.rows import add_membership


def actor(console: Console, name: str = "data_protection") -> Actor:
    return console.parts.acting.actor(
        person_id=console.people[name], membership_id=console.memberships[name], acr=levels.EDS, amr=("hwk",),
        auth_time=console.clock.now(),
    )  # fmt: skip


def scope(console: Console) -> Scope:
    return console.parts.acting.at(actor(console), "requests.answer", console.school)


def ask(console: Console, kind: str, *, by: str = "guardian", about: str = "pupil", **fields: str) -> str:
    return console.parts.protection.requests.make(
        console.people[by], kind, about=console.people[about], school_id=console.school, text="Құжат", fields=fields
    )


def person(console: Console, name: str = "pupil") -> Person:
    with console.parts.uow.read() as tx:
        return tx.session.scalars(select(Person).where(Person.id == console.people[name])).one()


def test_a_correction_is_written_as_the_papers_have_it_and_found_by_it(console: Console) -> None:
    answers, made = console.parts.protection.answers, ask(console, "correction", family_name="Серикова", sex="female")
    answers.answer(actor(console), scope(console), made, fields={"family_name": "Сәрсенова", "sex": "female"})
    changed = person(console)
    assert (changed.family_name, changed.given_name, changed.sex) == ("Сәрсенова", "Айгерім", "female")
    assert changed.search_key.startswith("сарсенова")
    with pytest.raises(Conflict):
        answers.answer(actor(console), scope(console), made)
    with console.parts.uow.read() as tx:
        events = {row[0]: row[1] for row in tx.connection.execute(select(AuditEvent.event, AuditEvent.data))}
    assert events["person_changed"]["fields"] == ["family_name", "sex"]
    assert "Сәрсенова" not in str(events)


def test_blocking_stops_everything_until_it_is_unblocked(console: Console) -> None:
    answers = console.parts.protection.answers
    answers.answer(actor(console), scope(console), ask(console, "blocking"))
    assert person(console).restricted_at == console.clock.now()
    answers.answer(actor(console), scope(console), ask(console, "unblocking"))
    assert person(console).restricted_at is None
    with console.parts.uow.read() as tx:
        told = tx.connection.execute(select(Change.record_id).where(Change.kind == "people")).scalars().all()
    assert told.count(console.people["pupil"]) == 2


def test_a_refusal_needs_a_reason_and_access_is_never_refused(console: Console) -> None:
    answers, made = console.parts.protection.answers, ask(console, "blocking")
    with pytest.raises(Invalid):
        answers.refuse(actor(console), scope(console), made, " ")
    answers.refuse(actor(console), scope(console), made, "Бұзушылық расталмады")
    assert console.parts.protection.requests.of_person(console.people["guardian"])[0].answer == "Бұзушылық расталмады"
    for kind in ("access", "objection"):
        with pytest.raises(Denied):
            answers.refuse(actor(console), scope(console), ask(console, kind), "жоқ")


def test_destruction_ends_what_is_held_and_leaves_an_empty_row(console: Console) -> None:
    answers, made = console.parts.protection.answers, ask(console, "destruction")
    console.browser("pupil")
    pupil = console.people["pupil"]
    with pytest.raises(Conflict, match="still"):
        answers.answer(actor(console), scope(console), made)
    answers.answer(actor(console), scope(console), made, end_roles=True)
    gone = person(console)
    assert (gone.status, gone.family_name, gone.birth_date, gone.username) == ("erased", "", None, f"erased-{pupil}")
    with console.parts.uow.read() as tx:
        for table, column in (
            (Membership, Membership.person_id), (Enrolment, Enrolment.person_id), (Guardianship, Guardianship.child_id),
        ):  # fmt: skip
            ends = tx.connection.execute(select(table.end).where(column == pupil)).scalars().all()
            assert ends
            assert None not in ends
        for emptied in (PersonWord, Credential):
            assert not tx.session.scalars(select(emptied).where(emptied.person_id == pupil)).all()
        words = tx.connection.execute(select(SubjectRequest.text, SubjectRequest.state)).one()
    assert tuple(words) == ("", "done")
    assert console.parts.sessions.of_person(pupil) == []


def test_who_another_school_holds_or_who_stands_above_is_not_destroyed(console: Console) -> None:
    answers = console.parts.protection.answers
    with console.parts.uow.write() as tx:
        console.add(tx, "two", "staff", console.school)
        add_membership(tx, console.people["two"], console.other, "staff")
    with pytest.raises(Conflict) as elsewhere:
        both = ask(console, "destruction", by="two", about="two")
        answers.answer(actor(console), scope(console), both, end_roles=True)
    assert elsewhere.value.code == "held_elsewhere"
    made = ask(console, "destruction", by="director", about="director")
    with pytest.raises(Denied) as above:
        answers.answer(actor(console), scope(console), made, end_roles=True)
    assert above.value.code == "person_above"
    own = ask(console, "blocking", by="data_protection", about="data_protection")
    with pytest.raises(Denied) as refused:
        answers.answer(actor(console), scope(console), own)
    assert refused.value.code == "own_request"


def test_the_inbox_shows_what_is_due_first_and_only_the_own_school(console: Console) -> None:
    answers = console.parts.protection.answers
    late = ask(console, "blocking")
    console.clock.advance(days=3)
    soon, later = ask(console, "destruction"), ask(console, "objection")
    found = answers.inbox(scope(console), Asked(filters={"state": "open", "kind": ""}))
    assert [one.id for one in found.rows] == [late, soon, later]
    assert answers.waiting(scope(console)) == (3, 1)
    assert answers.inbox(scope(console), Asked(words="жоқ", filters={})).total == 0
    with pytest.raises(NotFound):
        answers.one(Scope("", "director", (console.other,)), late)
