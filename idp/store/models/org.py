"""Organisations and school years (order 456 clause 3; OneRoster orgs and academicSessions)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

ORGANISATION_TYPES = (
    "ministry",
    "department",
    "district",
    "preschool",
    "primary",
    "basic",
    "secondary",
    "special",
    "vocational",
    "post_secondary",
    "extra",
)
SCHOOL_TYPES = ORGANISATION_TYPES[3:]


class Organisation(Base):
    """A ministry, department, district or an organisation of education; `school_id` elsewhere points here."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    type: Mapped[str]
    name: Mapped[str]
    name_ru: Mapped[str] = mapped_column(default="")
    identifier: Mapped[str] = mapped_column(default="")
    """БИН or another public number."""
    region: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """`address`, `phone`, `email`, `site`: what consents and letters name."""
    second_factor: Mapped[str] = mapped_column(default="")
    """Who needs a second factor here: `none`, `staff` or `everybody`; empty for the installation's own rule."""
    status: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[datetime]


class AcademicSession(Base):
    """A school year, term or grading period of one organisation."""

    __tablename__ = "academic_sessions"
    __table_args__ = (Index(None, "school_id", "begin"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("academic_sessions.id"))
    type: Mapped[str]
    title: Mapped[str]
    begin: Mapped[date]
    end: Mapped[date]
    school_year: Mapped[int]
    """The year it ends in, as the OneRoster binding has it."""
    status: Mapped[str] = mapped_column(default="active")
