"""Writes audit events. Data holds ids and words, never a secret, a token or an ИИН."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from idp.core.context import request_id
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.store.bulk import add_rows
from idp.store.models.audit import AuditEvent
from idp.store.session import Tx

_INSERT = insert(AuditEvent)
_GROUP = 500


def record(
    tx: Tx,
    *,
    event: str,
    now: datetime,
    actor_id: str = "",
    person_id: str = "",
    client_id: str = "",
    school_id: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Appends one event in the caller's transaction, so that fact and trace stand or fall together."""
    tx.connection.execute(
        _INSERT,
        {
            "id": new_id(),
            "at": now,
            "event": event,
            "actor_id": actor_id or person_id,
            "person_id": person_id,
            "client_id": client_id,
            "school_id": school_id,
            "request_id": request_id.get(),
            "data": data or {},
        },
    )


def record_many(
    tx: Tx, people: Sequence[str], *, event: str, now: datetime, actor_id: str, school_id: str, data: dict[str, Any]
) -> None:  # fmt: skip
    """One event about each of these people, with the same data: their own log shows each of them theirs."""
    common = {
        "at": now, "event": event, "actor_id": actor_id, "client_id": "", "school_id": school_id,
        "request_id": request_id.get(), "data": data,
    }  # fmt: skip
    add_rows(tx, AuditEvent, [{"id": new_id(), "person_id": person, **common} for person in people])


def of_person(tx: Tx, person_id: str, *, limit: int = 50) -> list[AuditEvent]:
    """The newest events about one person, newest first."""
    query = select(AuditEvent).where(AuditEvent.person_id == person_id).order_by(AuditEvent.at.desc()).limit(limit)
    return list(tx.session.scalars(query))


def happened(
    tx: Tx, event: str, *, since: datetime, actor_id: str = "", person_id: str = "", client_id: str = "", **data: Any
) -> bool:
    """Whether such an event is there since a moment, with the ids that are given and these members in its data."""
    given = {"actor_id": actor_id, "person_id": person_id, "client_id": client_id}
    query = select(AuditEvent.data).where(AuditEvent.event == event, AuditEvent.at >= since)
    for column, value in given.items():
        if value:
            query = query.where(getattr(AuditEvent, column) == value)
    rows = tx.connection.execute(query).scalars()
    return any(all(row.get(word) == value for word, value in data.items()) for row in rows)


def newest(tx: Tx, scope: Scope, people: Sequence[str], events: Sequence[str]) -> dict[str, str]:
    """The last of these events at the scope's schools about each of these people who have one."""
    found: dict[str, str] = {}
    for start in range(0, len(people), _GROUP):
        query = select(AuditEvent.person_id, AuditEvent.event).where(
            AuditEvent.person_id.in_(people[start : start + _GROUP]), AuditEvent.event.in_(events),
            AuditEvent.school_id.in_(scope.schools),
        )  # fmt: skip
        found |= {row[0]: row[1] for row in tx.connection.execute(query.order_by(AuditEvent.at, AuditEvent.id))}
    return found


def number_since(tx: Tx, event: str, *, actor_id: str, since: datetime, most: int) -> int:
    """How many such events an actor left since a moment, counted up to `most`."""
    query = select(AuditEvent.id).where(
        AuditEvent.event == event, AuditEvent.at > since, AuditEvent.actor_id == actor_id
    )
    return len(tx.connection.execute(query.limit(most)).all())
