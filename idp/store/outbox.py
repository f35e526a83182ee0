"""The transactional outbox: written with the fact it tells of, claimed by one worker at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from idp.core.ids import new_id
from idp.store.models.work import OutboxItem
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Claimed:
    id: str
    kind: str
    data: dict[str, Any]
    attempts: int
    """How often it was tried before."""


def enqueue(tx: Tx, *, kind: str, data: dict[str, Any], now: datetime, due: datetime | None = None) -> str:
    """Adds an item in the caller's transaction; it is sent after the commit, or never. Returns its id."""
    item_id = new_id()
    row = {"id": item_id, "kind": kind, "data": data, "created_at": now, "due_at": due or now}
    tx.connection.execute(insert(OutboxItem), row)
    return item_id


def has_due(tx: Tx, *, now: datetime) -> bool:
    """A cheap look before a worker asks for the write lock."""
    query = select(OutboxItem.id).where(OutboxItem.done_at.is_(None), OutboxItem.due_at <= now).limit(1)
    return tx.connection.execute(query).first() is not None


def claim(tx: Tx, *, kinds: Sequence[str], now: datetime, hold: timedelta, limit: int) -> list[Claimed]:
    """Takes up to `limit` due items for `hold`. Two workers never get the same item; a dead worker's come back."""
    free = or_(OutboxItem.claimed_until.is_(None), OutboxItem.claimed_until <= now)
    due = and_(OutboxItem.done_at.is_(None), OutboxItem.due_at <= now, OutboxItem.kind.in_(kinds), free)
    query = select(OutboxItem.id).where(due).order_by(OutboxItem.due_at).limit(limit)
    if tx.connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    ids = list(tx.connection.execute(query).scalars())
    if not ids:
        return []
    tx.connection.execute(update(OutboxItem).where(OutboxItem.id.in_(ids)).values(claimed_until=now + hold))
    rows = tx.connection.execute(
        select(OutboxItem.id, OutboxItem.kind, OutboxItem.data, OutboxItem.attempts)
        .where(OutboxItem.id.in_(ids))
        .order_by(OutboxItem.due_at, OutboxItem.id)
    )
    return [Claimed(*row) for row in rows]


def done(tx: Tx, item_id: str, *, now: datetime) -> None:
    tx.connection.execute(
        update(OutboxItem)
        .where(OutboxItem.id == item_id)
        .values(done_at=now, claimed_until=None, attempts=OutboxItem.attempts + 1)
    )


def retry(tx: Tx, item_id: str, *, error: str, due: datetime) -> None:
    tx.connection.execute(
        update(OutboxItem)
        .where(OutboxItem.id == item_id)
        .values(due_at=due, claimed_until=None, last_error=error[:500], attempts=OutboxItem.attempts + 1)
    )


def give_up(tx: Tx, item_id: str, *, error: str, now: datetime) -> None:
    tx.connection.execute(
        update(OutboxItem)
        .where(OutboxItem.id == item_id)
        .values(done_at=now, failed=True, claimed_until=None, last_error=error[:500], attempts=OutboxItem.attempts + 1)
    )
