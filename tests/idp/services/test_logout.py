"""services/logout: the session, what hangs on it, and word to every client, together or not at all."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.services.logout import KIND, Logout
from idp.store import grants, outbox
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person
from tests.idp.store.test_grants import add_client, add_grant, add_session


def test_every_client_of_the_session_is_told_once(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        add_client(tx, clock, backchannel_logout_uri="https://textbooks.example/logout")
        add_client(tx, clock, "deaf")
        session = add_session(tx, person, clock)
        tied = add_grant(tx, person, session, clock)
        add_grant(tx, person, session, clock, client_id="deaf")
    logout = Logout(uow, clock)
    assert logout.end(session, reason="by_person")
    assert not logout.end(session)
    with uow.write() as tx:
        items = outbox.claim(tx, kinds=[KIND], now=clock.now(), hold=timedelta(minutes=1), limit=10)
        history = grants.history(tx, tied)
        events = tx.connection.execute(select(AuditEvent.event, AuditEvent.person_id)).all()
    assert [item.data for item in items] == [
        {"client_id": "textbooks", "person_id": person, "session_id": session},
    ]
    assert history
    assert history.revoked_at == clock.now()
    assert [tuple(event) for event in events] == [("logout", person)]


def test_a_session_that_never_was_changes_nothing(uow: UnitOfWork, clock: FixedClock) -> None:
    assert not Logout(uow, clock).end("nowhere")
    with uow.read() as tx:
        assert tx.connection.execute(select(AuditEvent.id)).all() == []
