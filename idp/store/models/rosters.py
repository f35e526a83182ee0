"""What an imported roster left behind: which foreign record became which row, and how it looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class RosterRecord(Base):
    """One record of one source. An equal digest means nothing changed, so running an import twice changes nothing."""

    __tablename__ = "roster_records"
    __table_args__ = (Index(None, "target_id"),)

    source: Mapped[str] = mapped_column(primary_key=True)
    """Where the bundle comes from: the id of the organisation it is rooted in."""
    kind: Mapped[str] = mapped_column(primary_key=True)
    sourced_id: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[str] = mapped_column(Id)
    digest: Mapped[str]
    ended_at: Mapped[datetime | None]
