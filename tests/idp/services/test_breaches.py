"""A breach is told within one working day, with the list the law wants, and every look at it is written down."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.scope import Scope
from idp.services.listing import Asked
from idp.store import audit
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Person
from tests.factories.console import Console
from tests.idp.services.test_subject_answers import actor, scope


def register(console: Console) -> str:
    return console.parts.protection.breaches.register(
        actor(console), scope(console), console.school, what="Тізім чатқа жіберілді", detected_at=console.clock.now()
    )


def test_the_day_runs_from_when_it_was_found_out(console: Console) -> None:
    console.clock.moment = datetime(2026, 9, 4, 5, tzinfo=UTC)
    breaches, made = console.parts.protection.breaches, register(console)
    assert breaches.one(scope(console), made).due_on == date(2026, 9, 7)
    console.clock.moment += timedelta(days=4)
    assert (breaches.one(scope(console), made).state, breaches.untold(scope(console))) == ("late", (1, 1))
    with pytest.raises(Conflict):
        breaches.close(actor(console), scope(console), made)
    facts = {"what": "Тізім чатқа жіберілді", "measures": "Чат жойылды", "contact": ""}
    for contact in ("", "Сәуле, +7 701 000 00 00"):
        with pytest.raises(Invalid):  # The notice names who answers for it and what was done (art. 25(2)(8)).
            breaches.told(actor(console), scope(console), made, "№ 14 хат")
        breaches.describe(actor(console), scope(console), made, **facts | {"contact": contact})
    breaches.told(actor(console), scope(console), made, "№ 14 хат")
    with pytest.raises(Conflict) as told:
        breaches.told(actor(console), scope(console), made, "№ 15 хат")
    assert (told.value.code, breaches.one(scope(console), made).notified_how) == ("breach_told", "№ 14 хат")
    breaches.close(actor(console), scope(console), made)
    assert (breaches.one(scope(console), made).state, breaches.untold(scope(console))) == ("closed", (0, 0))
    with pytest.raises(Conflict):
        breaches.name_people(actor(console), scope(console), made, "all")
    with pytest.raises(Invalid):
        ahead = console.clock.now() + timedelta(hours=1)
        breaches.register(actor(console), scope(console), console.school, what="x", detected_at=ahead)


def test_people_are_named_by_group_class_and_name_and_never_of_another_school(console: Console) -> None:
    breaches, made, people = console.parts.protection.breaches, register(console), console.people
    at = (actor(console), scope(console), made)
    assert breaches.name_people(*at, f"class:{console.klass}") == 1
    assert breaches.name_people(*at, "pupils") == 0
    assert breaches.name_people(*at, f"person:{people['other_pupil']}") == 0
    assert breaches.name_people(*at, "guardians") == 1
    everybody = breaches.one(scope(console), made).people + breaches.name_people(*at, "all")
    shown = breaches.people(scope(console), made, Asked())
    assert shown.total == everybody
    assert people["other_pupil"] not in {key for key, _name in shown.rows}
    assert breaches.candidates(scope(console), "айгерім")[0][0] == people["pupil"]
    assert breaches.forget_people(*at, people["pupil"]) == 1
    assert breaches.forget_people(*at) == everybody - 1
    with pytest.raises(NotFound):
        breaches.people(Scope("", "director", (console.other,)), made, Asked())


def test_the_notice_unseals_numbers_for_a_reason_that_is_kept(console: Console) -> None:
    breaches, made, pupil = console.parts.protection.breaches, register(console), console.people["pupil"]
    sealed = console.parts.iin_vault.seal(pupil, "130517600011")
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Person).where(Person.id == pupil).values(iin_sealed=sealed, phone="+77011234567"))
    breaches.name_people(actor(console), scope(console), made, f"person:{pupil}")
    for reason in (" ", "Себебі 130517 600011"):
        with pytest.raises(Invalid):
            breaches.notice(actor(console), scope(console), made, reason=reason, kind="csv")
    told = breaches.notice(actor(console), scope(console), made, reason="Уәкілетті органға", kind="csv")
    assert told.people == [("Серікова Айгерім Болатқызы", "130517600011", "+77011234567")]
    with console.parts.uow.read() as tx:
        data = tx.connection.execute(select(AuditEvent.data).where(AuditEvent.event == "breach_changed")).scalars()
        steps = {one["step"]: one for one in data}
        seen = audit.happened(tx, "iin_shown", since=console.clock.now(), person_id=pupil, breach=made)
    assert seen  # In the person's own log, as when one number is shown.
    assert (steps["exported"]["rows"], steps["exported"]["format"]) == (1, "csv")
    assert "130517600011" not in str(steps)
