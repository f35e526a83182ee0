"""Browser sessions, one-time values and throttles. Everything secret is stored hashed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class LoginSession(Base):
    """A signed-in browser. The cookie's value is known only by its SHA-256; it changes at every sign-in and step-up."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "person_id", "created_at"), Index(None, "expires_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    membership_id: Mapped[str | None] = mapped_column(Id)
    """The active membership; None for people without one."""
    acr: Mapped[str]
    amr: Mapped[list[str]]
    auth_time: Mapped[datetime]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    expires_at: Mapped[datetime]
    """The absolute end."""
    is_shared: Mapped[bool] = mapped_column(default=False)
    """«This is not my computer»."""
    browser: Mapped[str] = mapped_column(default="")
    """Shortened user agent, for the person's list of sessions."""
    ended_at: Mapped[datetime | None]


class OneTimeValue(Base):
    """A secret good for one use of one purpose, spent by a conditional UPDATE."""

    __tablename__ = "one_time_values"
    __table_args__ = (Index(None, "expires_at"),)

    value_hash: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    """A reset token is no auth code: the purpose is part of the key."""
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]


class Throttle(Base):
    """Failures of one key (an account from one place, an account, a place) within one window."""

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    """A keyed hash: no username and no address is kept."""
    failures: Mapped[int]
    window_ends_at: Mapped[datetime] = mapped_column(index=True)
