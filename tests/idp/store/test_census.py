"""Counting a copy."""

from __future__ import annotations

from idp.core.clock import FixedClock
from idp.store import audit, census
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def test_rows_and_the_newest_event_are_told(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        assert census.newest_event(tx) is None
        person = add_person(tx)
        audit.record(tx, event="login", now=clock.now(), person_id=person)
        found = census.counts(tx)
        assert (found["people"], found["audit_events"], found["consent_records"]) == (1, 1, 0)
        assert census.newest_event(tx) == clock.now()
