"""Codes on paper, by which a parent says whose guardian they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class Invitation(Base):
    """A school's code for the guardians of one child. It proves nothing by itself: the school confirms, or an ЭЦҚ."""

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "school_id", "child_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    child_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    """Keyed hash: a code of few letters could be guessed from a plain one."""
    uses_left: Mapped[int]
    """A child may have several guardians."""
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
