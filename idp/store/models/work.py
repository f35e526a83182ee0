"""The outbox and leases: work that must happen after a commit, and who does it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class OutboxItem(Base):
    """Something to send, written in the transaction of what it tells of."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "done_at", "due_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)
    """Given up after the last attempt; kept for the operator."""


class Lease(Base):
    """Who may run a singleton job until when; `fence` grows with each new owner."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[datetime]
    fence: Mapped[int]
