"""The end of a school year: what was planned, and what it changed, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class YearPromotion(Base):
    """One school's move into the next year: a plan until it is applied, once for each year."""

    __tablename__ = "year_promotions"
    __table_args__ = (UniqueConstraint("school_id", "year"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    year: Mapped[int]
    """The school year that ends."""
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Decisions that differ from the proposal: `classes` {class: raise|leave|keep}, `pupils` {person: stays|leaves}."""
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Numbers of what was done."""
    changed_by: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[datetime | None]
    """None while it is a plan, and again after it was taken back."""


class YearChange(Base):
    """A row that the move added or changed, as it was before; empty for one that was added."""

    __tablename__ = "year_changes"

    promotion_id: Mapped[str] = mapped_column(ForeignKey("year_promotions.id"), primary_key=True)
    table: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[str] = mapped_column(Id, primary_key=True)
    before: Mapped[dict[str, Any]]
