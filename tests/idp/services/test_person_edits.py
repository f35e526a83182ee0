"""Changes to one person in the console."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.core.errors import Conflict, Denied, NotFound
from idp.core.scope import Scope
from idp.services.person_form import Mistakes
from idp.store import people
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.grants import Grant
from idp.store.models.people import Enrolment, Membership, Person
from tests.factories.console import Console
from tests.factories.rows import add_offline_grant
from tests.idp.services.test_rank import actor

IIN = "130517600019"


def _events(console: Console) -> list[str]:
    with console.parts.uow.read() as tx:
        return list(tx.connection.execute(select(AuditEvent.event).order_by(AuditEvent.id)).scalars())


def test_facts_change_with_their_words_and_only_for_who_is_here(console: Console) -> None:
    edits, secretary = console.parts.person_edits, actor(console, "secretary")
    scope, pupil = Scope("", "secretary", (console.school,)), console.people["pupil"]
    form = {"family_name": "Сейітова", "given_name": "Айгерім", "middle_name": "Болатқызы", "language": "kk"}
    assert edits.change(secretary, scope, pupil, form | {"birth_date": "2013-05-17"}) == ["family_name"]
    assert edits.change(secretary, scope, pupil, form | {"birth_date": "2013-05-17"}) == []
    with pytest.raises(Mistakes):
        edits.change(secretary, scope, pupil, form | {"birth_date": "2013-02-30"})
    with pytest.raises(NotFound):
        edits.change(secretary, scope, console.people["other_pupil"], form)
    with pytest.raises(Denied):
        edits.change(secretary, scope, console.people["director"], form)
    edits.end_membership(secretary, scope, pupil, console.memberships["pupil"])
    with pytest.raises(Conflict):
        edits.change(secretary, scope, pupil, form)
    with pytest.raises(Conflict):
        edits.check_may_reset(secretary, scope, pupil)
    assert _events(console).count("person_changed") == 1


def test_a_number_is_entered_corrected_and_never_twice(console: Console) -> None:
    edits, director, vault = console.parts.person_edits, actor(console, "director"), console.parts.iin_vault
    scope, pupil = Scope("", "director", (console.school,)), console.people["pupil"]
    edits.set_iin(director, scope, pupil, IIN)
    edits.set_iin(director, scope, pupil, "130517600018")
    with console.parts.uow.read() as tx:
        told = select(Change.school_id, Change.action).where(Change.kind == "people", Change.record_id == pupil)
        assert tx.connection.execute(told).all() == [(console.school, "changed")] * 2
        changed_at = select(Person.updated_at).where(Person.id == pupil)
        assert tx.connection.execute(changed_at).scalar() == console.clock.now()
        assert people.by_iin(tx, vault.lookups("130517600018")) == {vault.lookup("130517600018"): pupil}
    for text in ("", "12", "131317600018", "140517600018"):
        with pytest.raises(Mistakes):
            edits.set_iin(director, scope, pupil, text)
    with pytest.raises(Mistakes) as caught:
        edits.set_iin(director, scope, console.people["nurse"], "130517600018")
    assert (caught.value.fields, caught.value.person_id) == ({"iin": "iin_taken"}, pupil)
    with console.parts.uow.read() as tx:
        events = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "iin_changed").order_by(AuditEvent.id))
        assert [event.data for event in events] == [{"what": "entered"}, {"what": "corrected"}]


def test_roles_begin_and_end_with_what_hangs_on_them(console: Console) -> None:
    edits, director = console.parts.person_edits, actor(console, "director")
    scope, nurse, pupil = Scope("", "director", (console.school,)), console.people["nurse"], console.people["pupil"]
    made = edits.add_membership(director, scope, nurse, "teacher")
    with pytest.raises(Conflict):
        edits.add_membership(director, scope, nurse, "teacher")
    with pytest.raises(Mistakes):
        edits.add_membership(director, scope, nurse, "pupil", console.other_klass)
    edits.end_membership(director, scope, nurse, made)
    with pytest.raises(NotFound):
        edits.end_membership(director, scope, nurse, made)
    with pytest.raises(Conflict):
        edits.end_membership(director, scope, console.people["director"], console.memberships["director"])
    browser = console.browser("pupil")
    with console.parts.uow.write() as tx:
        kept = add_offline_grant(tx, pupil)
    assert edits.end_sessions(director, scope, pupil) == 1
    with console.parts.uow.read() as tx:
        family = tx.session.get(Grant, kept)
    assert family is not None
    assert family.revoked_at == console.clock.now()
    assert browser.go("/account").request.path.startswith("/login")
    edits.end_membership(director, scope, pupil, console.memberships["pupil"])
    with console.parts.uow.read() as tx:
        today = tx.connection.execute(select(Membership.end).where(Membership.person_id == pupil)).scalar_one()
        assert tx.connection.execute(select(Enrolment.end).where(Enrolment.person_id == pupil)).scalar_one() == today
        assert tx.connection.execute(select(Person.status).where(Person.id == pupil)).scalar_one() == "ended"
    edits.add_membership(director, scope, pupil, "pupil", console.klass)
    with console.parts.uow.read() as tx:
        assert tx.connection.execute(select(Person.status).where(Person.id == pupil)).scalar_one() == "active"
    assert {"membership_added", "membership_ended", "sessions_ended"} <= set(_events(console))
