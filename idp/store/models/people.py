"""People and what ties them to schools and to one another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

ROLES = (
    "pupil",
    "guardian",
    "teacher",
    "class_teacher",
    "deputy",
    "director",
    "social_pedagogue",
    "nurse",
    "guard",
    "canteen",
    "staff",
    "official",
    "operator",
)


class Person(Base):
    """A human being, once, whatever schools and roles they have."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    """Lower case; what is typed at sign-in is folded to it."""
    family_name: Mapped[str] = mapped_column(default="")
    given_name: Mapped[str] = mapped_column(default="")
    middle_name: Mapped[str] = mapped_column(default="")
    """Patronymic, only as given."""
    sort_key: Mapped[str] = mapped_column(default="", index=True)
    search_key: Mapped[str] = mapped_column(default="")
    birth_date: Mapped[date | None]
    sex: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="kk")
    email: Mapped[str] = mapped_column(default="")
    email_verified: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str] = mapped_column(default="")
    phone_verified: Mapped[bool] = mapped_column(default=False)
    iin_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """AES-GCM under the stored `iin_seal` key, the person's id as associated data."""
    iin_lookup: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """HMAC under the stored `iin_lookup` key."""
    claims: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Further standard claims set by an operator (OIDC Core §5.1), such as `website` or `address`."""
    status: Mapped[str] = mapped_column(default="active")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Membership(Base):
    """One role of one person at one school, with its term. Rights of two memberships never merge."""

    __tablename__ = "memberships"
    __table_args__ = (Index(None, "school_id", "role"), Index(None, "person_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    """None for a guardian whom no school has linked to a child yet."""
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str]
    grade: Mapped[str] = mapped_column(default="")
    is_primary: Mapped[bool] = mapped_column(default=False)
    begin: Mapped[date | None]
    end: Mapped[date | None]
    """The first day it no longer holds; None while open."""


class Course(Base):
    """What is taught; a class is one teaching of it."""

    __tablename__ = "courses"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str]
    code: Mapped[str] = mapped_column(default="")
    subjects: Mapped[list[str]] = mapped_column(default=list)
    status: Mapped[str] = mapped_column(default="active")


class SchoolClass(Base):
    """A form such as 7 «Ә» (`kind` homeroom) or a taught group (`kind` scheduled)."""

    __tablename__ = "classes"
    __table_args__ = (Index(None, "school_id", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("courses.id"))
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(default="homeroom")
    grade: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    shift: Mapped[str] = mapped_column(default="")
    sessions: Mapped[list[str]] = mapped_column(default=list)
    """Ids of academic sessions."""
    status: Mapped[str] = mapped_column(default="active")


class Enrolment(Base):
    """A person in a class, as pupil or as teacher."""

    __tablename__ = "enrolments"
    __table_args__ = (Index(None, "school_id", "class_id"), Index(None, "person_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    class_id: Mapped[str] = mapped_column(ForeignKey("classes.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str]
    """`pupil`, `teacher` or `class_teacher`."""
    is_primary: Mapped[bool] = mapped_column(default=False)
    begin: Mapped[date | None]
    end: Mapped[date | None]


class Guardianship(Base):
    """Who may act for a child (order-456 reference F1). One guardian never removes another; a block works at once."""

    __tablename__ = "guardianships"
    __table_args__ = (UniqueConstraint("child_id", "guardian_id"), Index(None, "guardian_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    """The school that recorded it."""
    child_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    guardian_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    relation: Mapped[str] = mapped_column(default="parent")
    basis: Mapped[str] = mapped_column(default="")
    verified_by: Mapped[str] = mapped_column(default="")
    begin: Mapped[date | None]
    end: Mapped[date | None]
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[str] = mapped_column(default="")


class Credential(Base):
    """One way for one person to prove who they are; `data` is the method's own and holds no clear secret."""

    __tablename__ = "credentials"
    __table_args__ = (Index(None, "person_id", "method"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    method: Mapped[str]
    data: Mapped[dict[str, Any]]
    must_change: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
