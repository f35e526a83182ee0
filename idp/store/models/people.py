"""People and what ties them to schools and to one another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

ROLES = (
    "pupil",
    "guardian",
    "teacher",
    "class_teacher",
    "deputy",
    "director",
    "secretary",
    "data_protection",
    "social_pedagogue",
    "nurse",
    "guard",
    "canteen",
    "staff",
    "official",
    "operator",
)


GUARDIAN_RELATIONS = (
    "parent",
    "adopter",
    "guardian",
    "trustee",
    "foster_parent",
    "foster_carer",
    "patronage_carer",
    "other",
)
"""Code on Marriage and Family art. 1(1)(12)."""


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
    email: Mapped[str] = mapped_column(default="", index=True)
    email_verified: Mapped[bool] = mapped_column(default=False)
    phone: Mapped[str] = mapped_column(default="")
    phone_verified: Mapped[bool] = mapped_column(default=False)
    iin_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """AES-GCM under the stored `iin_seal` key, the person's id as associated data."""
    iin_lookup: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    """HMAC under the stored `iin_lookup` key."""
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    """Who this record turned out to be, with `status` merged; both records are kept."""
    restricted_at: Mapped[datetime | None]
    """Since when processing is blocked (Law № 94-V art. 25(2)(8)): nothing is released or fed about this person."""
    claims: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Further standard claims set by an operator (OIDC Core §5.1), such as `website` or `address`."""
    status: Mapped[str] = mapped_column(default="active")
    """`active`, `ended`, `merged` or `erased`."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


_IN_BYTE_ORDER = String().with_variant(String(collation="C"), "postgresql")
"""A range of the index is a range of bytes, whatever language the database was made for."""


class PersonWord(Base):
    """One word of a name, folded by `core.names.search_word`: a search is a range of this index."""

    __tablename__ = "person_words"
    __table_args__ = (Index(None, "person_id"),)

    word: Mapped[str] = mapped_column(_IN_BYTE_ORDER, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)


class Photo(Base):
    """A picture for cards and people lists: re-encoded JPEG, 600 × 800 at most, no metadata."""

    __tablename__ = "photos"

    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    image: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class Merge(Base):
    """Two records found to be one person. Rows moved are listed, so that a mistake can be undone."""

    __tablename__ = "merges"

    merged_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kept_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    moved: Mapped[dict[str, Any]]
    """Ids of moved rows by table."""
    merged_by: Mapped[str]
    merged_at: Mapped[datetime]


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
    """Who may act for a child (order-456 reference F1). One guardian never removes another; a block works at once.

    It holds when verified, begun, not ended, not blocked, and the child is not of age or keeps it
    (`store.guardianships.holds`).
    """

    __tablename__ = "guardianships"
    __table_args__ = (UniqueConstraint("child_id", "guardian_id"), Index(None, "guardian_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    """The school that recorded it."""
    child_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    guardian_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    relation: Mapped[str] = mapped_column(default="parent")
    """One of `GUARDIAN_RELATIONS`."""
    basis: Mapped[str] = mapped_column(default="")
    """Legal basis in words: the document's kind, number, date and issuer. No copy of it (Law № 94-V art. 7(10))."""
    verified_by: Mapped[str] = mapped_column(default="")
    """`roster`, `eds`, or the id of the person of the school who did."""
    verified_at: Mapped[datetime | None]
    """None while the link waits for the school."""
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How it was verified: `channel` and what belongs to it, such as the SHA-256 of a signature."""
    begin: Mapped[date | None]
    end: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(default="")
    of_age_on: Mapped[date | None]
    """The child's 18th birthday, from when it holds only if `kept_at` is set (F2)."""
    kept_at: Mapped[datetime | None]
    """When the grown-up child agreed to keep it."""
    blocked_at: Mapped[datetime | None]
    blocked_reason: Mapped[str] = mapped_column(default="")
    block_basis: Mapped[str] = mapped_column(default="")
    """`court`, `guardianship_body` or `danger` (Code on Marriage and Family art. 71(2), 73(5))."""
    blocked_by: Mapped[str] = mapped_column(default="")


_HAS_HANDLE = text("handle <> ''")
_one_of_a_handle = Index(
    "uq_credentials_method_handle", "method", "handle", unique=True,
    sqlite_where=_HAS_HANDLE, postgresql_where=_HAS_HANDLE,
)  # fmt: skip


class Credential(Base):
    """One way for one person to prove who they are; `data` is the method's own and holds no clear secret."""

    __tablename__ = "credentials"
    __table_args__ = (Index(None, "person_id", "method"), _one_of_a_handle)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    method: Mapped[str]
    handle: Mapped[str] = mapped_column(default="")
    """What the method finds it by without knowing the person, such as a passkey's credential id."""
    label: Mapped[str] = mapped_column(default="")
    """What its owner calls it."""
    counter: Mapped[int] = mapped_column(BigInteger, default=-1)
    """The last TOTP step used, or a passkey's signature counter: only ever raised, by a conditional UPDATE."""
    data: Mapped[dict[str, Any]]
    must_change: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
