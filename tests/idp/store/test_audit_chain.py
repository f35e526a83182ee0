"""The chain's tables, page by page."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from idp.core.clock import FixedClock
from idp.store import audit, audit_chain
from idp.store.session import UnitOfWork


def test_links_are_read_in_order_with_their_events(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        for event in ("login", "logout"):
            audit.record(tx, event=event, now=clock.now(), data={"n": 1})
        assert audit_chain.head(tx) == (0, "")
        first, second = audit_chain.unlinked(tx, after="", limit=10)
        assert audit_chain.unlinked(tx, after=first.id, limit=10) == [second]
        rows = [{"seq": 1, "event_id": first.id, "hash": "a"}, {"seq": 2, "event_id": "0" * 32, "hash": "b"}]
        audit_chain.add_links(tx, rows)
        assert audit_chain.head(tx) == (2, "b")
        assert audit_chain.unlinked(tx, after="", limit=10) == [second]
        assert audit_chain.newest_linked_id(tx) == first.id
        one, other = audit_chain.links(tx, after=0, limit=10)
        assert (one.event, other.event) == (first, None)
        assert [row.seq for row in audit_chain.links(tx, after=1, limit=10)] == [2]


def test_checkpoints_are_read_by_number(uow: UnitOfWork, clock: FixedClock) -> None:
    rows = [audit_chain.CheckpointRow(seq, str(seq), clock.now(), "jws") for seq in (3, 7)]
    with uow.write() as tx:
        assert audit_chain.newest_checkpoint(tx) is None
        for row in rows:
            audit_chain.add_checkpoint(tx, row)
        assert audit_chain.newest_checkpoint(tx) == rows[1]
        assert audit_chain.checkpoints(tx, after=3, limit=5) == rows[1:]


def test_no_way_of_inserting_replaces_what_only_grows(uow: UnitOfWork, clock: FixedClock) -> None:
    """SQLite's INSERT OR REPLACE deletes the row before it; without recursive triggers nobody is asked."""
    with uow.write() as tx:
        audit.record(tx, event="login", now=clock.now())
        [event] = audit_chain.unlinked(tx, after="", limit=1)
        audit_chain.add_links(tx, [{"seq": 1, "event_id": event.id, "hash": "a"}])
        audit_chain.add_checkpoint(tx, audit_chain.CheckpointRow(1, "a", clock.now(), "jws"))
    if uow.engine.dialect.name != "sqlite":
        return
    replacing = (
        "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events",
        "INSERT OR REPLACE INTO audit_links VALUES (1, 'x', 'b')",
        f"REPLACE INTO audit_links VALUES (2, '{event.id}', 'b')",
        "REPLACE INTO audit_checkpoints SELECT * FROM audit_checkpoints",
    )
    assert uow.engine.url.database
    bare = sqlite3.connect(uow.engine.url.database, isolation_level=None)
    for statement in replacing:
        with pytest.raises(IntegrityError, match="only grows"), uow.write() as tx:
            tx.connection.execute(text(statement))
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            bare.execute(statement)
    bare.close()
