"""The change feed: nothing is passed over, whoever commits first."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, delete, func, insert, select

from idp.core.scope import Scope
from idp.store import feed
from idp.store.feed import Position
from idp.store.models.audit import Change
from idp.store.session import Tx, UnitOfWork, open_engine
from tests.factories.rows import BEGINNING

SCOPE = Scope("", "client", ("s",))


def _told(tx: Tx, position: Position, *kinds: str, limit: int = 50) -> list[str]:
    return [entry.record_id for entry in feed.after(tx, SCOPE, kinds or ("people",), position, limit=limit)]


def test_changes_are_read_in_order_by_school_and_kind(uow: UnitOfWork) -> None:
    with uow.read() as tx:
        start = feed.end(tx)
    with uow.write() as tx:
        feed.append(tx, "people", "added", [("s", "p1"), ("other", "p2"), ("s", "p3")], now=BEGINNING)
        feed.append(tx, "people", "ended", [], now=BEGINNING)
        feed.append(tx, "calendar", "added", iter([("", "d")]), now=BEGINNING)
    with uow.write() as tx:
        feed.append(tx, "classes", "changed", [("s", "c")], now=BEGINNING)
    with uow.read() as tx:
        assert _told(tx, start) == ["p1", "p3"]
        assert _told(tx, start, "people", "classes", "calendar") == ["p1", "p3", "d", "c"]
        assert _told(tx, start, "people", "classes", limit=2) == ["p1", "p3"]
        assert _told(tx, feed.end(tx), "people", "classes") == []
        between = feed.after(tx, SCOPE, ("people",), start, limit=1)[-1].at
        assert _told(tx, between, "people", "classes") == ["p3", "c"]


@pytest.mark.postgres
def test_a_transaction_that_commits_late_is_not_passed_over(postgres_url: str) -> None:
    """Two real transactions at once: the later-numbered one commits first, and waits for the other to be read."""
    engine: Engine = open_engine(postgres_url)
    uow = UnitOfWork(engine)

    def row(record_id: str) -> dict[str, object]:
        return {"kind": "people", "action": "added", "school_id": "s", "record_id": record_id, "at": BEGINNING}

    with uow.read() as tx:
        start = feed.end(tx)
    slow, quick = engine.connect(), engine.connect()
    slow.execute(insert(Change), row("slow"))
    quick.execute(insert(Change), row("quick"))
    quick.commit()
    with uow.read() as tx:
        assert tx.connection.execute(select(func.count()).select_from(Change)).scalar() == 1
        assert _told(tx, start) == []
        meanwhile = feed.end(tx)
        assert _told(tx, meanwhile) == []
    slow.commit()
    with uow.read() as tx:
        numbers = {row.record_id: row.xid for row in tx.connection.execute(select(Change.record_id, Change.xid))}
        assert numbers["slow"] < numbers["quick"]
        assert _told(tx, start) == ["slow", "quick"]
        # A snapshot that began while both ran saw only one of them, and finds the other in the log.
        assert _told(tx, meanwhile) == ["slow", "quick"]
    slow.close()
    quick.close()
    engine.dispose()


def test_the_log_does_not_begin_anew_when_it_is_emptied(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        feed.append(tx, "people", "added", [("s", "p1")], now=BEGINNING)
    with uow.read() as tx:
        before = feed.end(tx)
    with uow.write() as tx:
        tx.connection.execute(delete(Change))
    with uow.read() as tx:
        assert feed.end(tx) >= before
    with uow.write() as tx:
        feed.append(tx, "people", "added", [("s", "p2")], now=BEGINNING)
    with uow.read() as tx:
        assert _told(tx, before) == ["p2"]
