"""How many rows of what matters a database holds: to compare a copy with what it is a copy of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from idp.store.models.audit import AuditEvent, AuditLink
from idp.store.models.cards import Card
from idp.store.models.clients import ClientConsent
from idp.store.models.consents import ConsentRecord
from idp.store.models.keys import StoredKey
from idp.store.models.people import Credential, Guardianship, Membership, Person
from idp.store.models.signing import Signature
from idp.store.session import Tx

_COUNTED: tuple[Any, ...] = (
    Person, Credential, Membership, Guardianship, Card, ConsentRecord, ClientConsent, Signature, StoredKey, AuditEvent,
    AuditLink,
)  # fmt: skip


def counts(tx: Tx) -> dict[str, int]:
    """Rows by table."""
    return {
        table.__tablename__: int(tx.connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in _COUNTED
    }


def newest_event(tx: Tx) -> datetime | None:
    """When the last thing happened that a copy knows of: what came later is lost with it."""
    return tx.connection.execute(select(func.max(AuditEvent.at))).scalar()
