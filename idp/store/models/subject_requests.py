"""Rights of the subject (Law № 94-V art. 19-1, 24, 25), breaches, and what retention did."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

REQUEST_KINDS = ("access", "correction", "blocking", "unblocking", "destruction", "objection")


class SubjectRequest(Base):
    """What somebody demands about their own or their child's data, until when it must be answered, and the answer."""

    __tablename__ = "subject_requests"
    __table_args__ = (Index(None, "school_id", "closed_at", "due_on"), Index(None, "person_id", "made_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str]
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    """Whose data."""
    requester_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    text: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Fields to correct with what they should be; the decision objected to."""
    made_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    """`open`, `done`, `refused` or `taken_back`."""
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]


class Breach(Base):
    """An incident with personal data: what the authorised body must be told within one working day (D13)."""

    __tablename__ = "breaches"
    __table_args__ = (Index(None, "school_id", "detected_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    detected_at: Mapped[datetime]
    due_on: Mapped[date]
    what: Mapped[str]
    measures: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    """Of the person responsible for personal data."""
    registered_by: Mapped[str]
    notified_at: Mapped[datetime | None]
    notified_how: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None]


class BreachPerson(Base):
    """Whose data a breach is about."""

    __tablename__ = "breach_people"

    breach_id: Mapped[str] = mapped_column(ForeignKey("breaches.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)


class RetentionRun(Base):
    """What one rule of retention did on one run that found something."""

    __tablename__ = "retention_runs"
    __table_args__ = (Index(None, "ran_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    rule: Mapped[str]
    ran_at: Mapped[datetime]
    rows: Mapped[int]


class Announcement(Base):
    """Planned work of the operator, told beforehand with its time (order 456 clause 3; order-456 reference P5)."""

    __tablename__ = "announcements"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    text: Mapped[dict[str, Any]]
    """In `kk`, `ru` and `en`."""
    begin: Mapped[datetime]
    end: Mapped[datetime] = mapped_column(index=True)
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Outage(Base):
    """A time in which the worker found no database, or was not there itself: what can be measured from inside."""

    __tablename__ = "outages"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    begin: Mapped[datetime]
    """When the worker last wrote that all is well."""
    end: Mapped[datetime] = mapped_column(index=True)
    planned: Mapped[bool]
    """Within announced work."""
