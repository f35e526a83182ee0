"""services/logout: the session, what hangs on it, and word to every client, together or not at all."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.services.logout import KIND, Logout, end_everything
from idp.store import grants, outbox, sessions
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


def test_everything_of_a_person_ends_but_the_session_at_hand(uow: UnitOfWork, clock: FixedClock) -> None:
    """Families with `offline_access` outlive a session, and a thief must not keep one."""
    with uow.write() as tx:
        person, other = add_person(tx), add_person(tx, "marat")
        add_client(tx, clock)
        here, there = add_session(tx, person, clock), add_session(tx, person, clock)
        offline = {"scope": "openid offline_access", "code_consumed_at": clock.now()}
        mine = [add_grant(tx, person, one, clock, **offline) for one in (here, there)]
        theirs = add_grant(tx, other, add_session(tx, other, clock), clock, **offline)
        end_everything(tx, person, now=clock.now(), reason="password_changed", but=here)
        assert sessions.open_of(tx, [person]) == [here]
        assert [getattr(grants.history(tx, one), "revoked_at", None) for one in (*mine, theirs)] == [
            clock.now(), clock.now(), None,
        ]  # fmt: skip


def test_a_session_that_never_was_changes_nothing(uow: UnitOfWork, clock: FixedClock) -> None:
    assert not Logout(uow, clock).end("nowhere")
    with uow.read() as tx:
        assert tx.connection.execute(select(AuditEvent.id)).all() == []
