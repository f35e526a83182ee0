"""Days that differ, and lesson bells (order-456 reference F7)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

DAY_KINDS = ("holiday", "break", "working")


class CalendarDay(Base):
    """Days from `begin` to `end`, both included: a holiday, a break of a school, or a weekend day that is worked."""

    __tablename__ = "calendar_days"
    __table_args__ = (Index(None, "school_id", "begin"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    """None for the whole country."""
    kind: Mapped[str]
    title: Mapped[str]
    title_ru: Mapped[str] = mapped_column(default="")
    begin: Mapped[date]
    end: Mapped[date]
    grades: Mapped[list[str]] = mapped_column(default=list)
    """Which grades have this break; empty for all."""


class Bell(Base):
    """One lesson of one shift, in minutes after local midnight."""

    __tablename__ = "bells"
    __table_args__ = (UniqueConstraint("school_id", "shift", "lesson"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    shift: Mapped[str]
    lesson: Mapped[int]
    begin: Mapped[int]
    end: Mapped[int]
