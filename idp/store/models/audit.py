"""Audit events and the change feed: two append-only logs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class AuditEvent(Base):
    """Who did what to whom, when, through which client. Holds ids only: no secret, no ИИН, no token."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "person_id", "at"), Index(None, "event", "at"), Index(None, "school_id", "at"))

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
    # AUTOINCREMENT: once retention has emptied the table, SQLite would else begin at 1, behind cursors of readers.
    __table_args__ = (Index(None, "school_id", "kind", "xid", "seq"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    kind: Mapped[str]
    """`people memberships classes guardianships consents cards calendar`."""
    school_id: Mapped[str]
    record_id: Mapped[str] = mapped_column(Id)
    action: Mapped[str]
    """`added`, `changed` or `ended`."""
    at: Mapped[datetime]
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """PostgreSQL's transaction number, filled by the database; 0 on SQLite, whose writers take turns. Readers go by
    (`xid`, `seq`) and stop before what still runs, so that a transaction that commits late is not passed over."""


class AuditLink(Base):
    """One event's place in the chain: SHA-256 over the link before and the event's canonical JSON.

    Events are written unchained in their own transaction; a leased job chains them. Both tables only grow.
    """

    __tablename__ = "audit_links"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[str] = mapped_column(Id, unique=True)
    hash: Mapped[str]


class AuditCheckpoint(Base):
    """A signed statement of how far the chain reached when: who could rewrite the tables cannot sign for then."""

    __tablename__ = "audit_checkpoints"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    hash: Mapped[str]
    at: Mapped[datetime]
    jws: Mapped[str]
    """Compact JWS over seq, hash and time, by our signing key."""


class ExportCount(Base):
    """How many people's rows one actor or client took out on one day, for limits and alerts."""

    __tablename__ = "export_counts"

    taker: Mapped[str] = mapped_column(primary_key=True)
    """`person:<id>` or `client:<id>`."""
    day: Mapped[date] = mapped_column(primary_key=True)
    rows: Mapped[int]
