"""Grants: one authorization each, with its code and its refresh token's family in one row.

One row, so that spending a code or a refresh token is one conditional UPDATE, and revoking a family is another.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class Grant(Base):
    """RFC 6749 §1.3: what a person (or a client itself) allowed a client."""

    __tablename__ = "grants"
    __table_args__ = (Index(None, "session_id"), Index(None, "person_id"), Index(None, "expires_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id"))
    membership_id: Mapped[str | None] = mapped_column(Id)
    scope: Mapped[str]
    """Space-separated, in the order granted."""
    resource: Mapped[list[str]] = mapped_column(default=list)
    """Audiences asked for (RFC 8707)."""
    redirect_uri: Mapped[str] = mapped_column(default="")
    nonce: Mapped[str] = mapped_column(default="")
    code_challenge: Mapped[str] = mapped_column(default="")
    acr: Mapped[str] = mapped_column(default="")
    amr: Mapped[list[str]] = mapped_column(default=list)
    auth_time: Mapped[datetime | None]
    code_hash: Mapped[str] = mapped_column(default="")
    code_expires_at: Mapped[datetime | None]
    code_consumed_at: Mapped[datetime | None]
    refresh_hash: Mapped[str] = mapped_column(default="")
    """SHA-256 of the one refresh token that is good now; a genuine older one ends the family."""
    refresh_expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    """When nothing of it can be good any more and the row may go."""
    revoked_at: Mapped[datetime | None]


class RevokedToken(Base):
    """An access token revoked by itself (RFC 7009), by `jti`, until it would have expired anyway."""

    __tablename__ = "revoked_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
