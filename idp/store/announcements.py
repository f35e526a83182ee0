"""Planned work that is told beforehand, and the times when we were away (order-456 reference P5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from idp.core.ids import new_id
from idp.store.models.subject_requests import Announcement, Outage
from idp.store.session import Tx

_COLUMNS = (Announcement.id, Announcement.text, Announcement.begin, Announcement.end, Announcement.made_at)


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    tx.connection.execute(insert(Announcement), dict(row))


def withdraw(tx: Tx, announcement_id: str, *, now: datetime) -> bool:
    """False when it is unknown, withdrawn already or over."""
    query = update(Announcement).where(
        Announcement.id == announcement_id, Announcement.withdrawn_at.is_(None), Announcement.end > now
    )
    return bool(tx.connection.execute(query.values(withdrawn_at=now)).rowcount)


def upcoming(tx: Tx, *, now: datetime, limit: int = 20) -> list[Mapping[str, Any]]:
    """`id text begin end made_at` of what is not over and not withdrawn, the next one first."""
    query = select(*_COLUMNS).where(Announcement.end > now, Announcement.withdrawn_at.is_(None))
    rows = tx.connection.execute(query.order_by(Announcement.begin, Announcement.id).limit(limit))
    return [row._asdict() for row in rows]


def covers(tx: Tx, begin: datetime, end: datetime) -> bool:
    """Whether some announcement, made before it began, held from `begin` to `end`."""
    query = select(Announcement.id).where(
        Announcement.begin <= begin, Announcement.end >= end, Announcement.withdrawn_at.is_(None),
        Announcement.made_at <= begin,
    )  # fmt: skip
    return tx.connection.execute(query).first() is not None


def add_outage(tx: Tx, begin: datetime, end: datetime, *, planned: bool) -> None:
    tx.connection.execute(insert(Outage), {"id": new_id(), "begin": begin, "end": end, "planned": planned})


def outages(tx: Tx, *, since: datetime, limit: int = 50) -> list[tuple[datetime, datetime, bool]]:
    """(begin, end, planned), newest first."""
    query = select(Outage.begin, Outage.end, Outage.planned).where(Outage.end >= since)
    rows = tx.connection.execute(query.order_by(Outage.end.desc()).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]
