"""Audit events and the change feed: two append-only logs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class AuditEvent(Base):
    """Who did what to whom, when, through which client. Holds ids only: no secret, no ИИН, no token."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "person_id", "at"), Index(None, "event", "at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    event: Mapped[str]
    actor_id: Mapped[str] = mapped_column(default="")
    person_id: Mapped[str] = mapped_column(default="")
    client_id: Mapped[str] = mapped_column(default="")
    school_id: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Change(Base):
    """One change of one record, in order, for the feed, OneRoster and SCIM alike."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "school_id", "kind", "seq"),)

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    kind: Mapped[str]
    """`people memberships classes guardianships consents cards calendar`."""
    school_id: Mapped[str]
    record_id: Mapped[str] = mapped_column(Id)
    action: Mapped[str]
    """`added`, `changed` or `ended`."""
    at: Mapped[datetime]
