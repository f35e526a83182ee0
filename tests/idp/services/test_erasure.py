"""Whoever holds something about a destroyed person hears of it."""

from __future__ import annotations

from sqlalchemy import select

from idp.services.erasure import erase
from idp.store.models.audit import AuditEvent, Change
from tests.factories.console import Console


def test_the_feed_ends_person_roles_and_links_and_the_log_says_why(console: Console) -> None:
    pupil = console.people["pupil"]
    with console.parts.uow.write() as tx:
        erase(tx, pupil, by="", why="term", now=console.clock.now())
        told = tx.connection.execute(select(Change.kind, Change.action).where(Change.action == "ended")).all()
        why = tx.connection.execute(select(AuditEvent.data).where(AuditEvent.event == "person_erased")).scalar_one()
    assert {kind for kind, _action in told} == {"people", "memberships", "guardianships"}
    assert why == {"why": "term"}
