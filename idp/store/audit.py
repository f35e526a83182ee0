"""Writes audit events. Data holds ids and words, never a secret, a token or an ИИН."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from idp.core.context import request_id
from idp.core.ids import new_id
from idp.store.models.audit import AuditEvent
from idp.store.session import Tx

_INSERT = insert(AuditEvent)


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


def of_person(tx: Tx, person_id: str, *, limit: int = 50) -> list[AuditEvent]:
    """The newest events about one person, newest first."""
    query = select(AuditEvent).where(AuditEvent.person_id == person_id).order_by(AuditEvent.at.desc()).limit(limit)
    return list(tx.session.scalars(query))
