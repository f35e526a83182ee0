"""What the courses keep, by pairwise id: pupils, their courses, assignments, works; and messages of SAML taken once."""

from __future__ import annotations

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

from clients.kit.db import NAMING, Migration, UtcDateTime


def _as_of_1(metadata: MetaData) -> None:
    """As migration 1 made them; a change adds a migration and a description of its own."""
    Table(
        "pupils",
        metadata,
        Column("sub", String(255), primary_key=True),  # pairwise-id, lower case
        Column("name", String(255), nullable=False),  # empty when displayName is not released to us
        Column("seen_at", UtcDateTime(), nullable=False),
    )
    Table(
        "course_pupils",
        metadata,
        Column("sub", ForeignKey("pupils.sub", ondelete="CASCADE"), primary_key=True),
        Column("course_id", String(64), primary_key=True),  # the id of the class
        Index(None, "course_id"),
    )
    Table(
        "assignments",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("course_id", String(64), nullable=False),
        Column("title", String(120), nullable=False),
        Column("text", Text, nullable=False),
        Column("due_on", String(10), nullable=False),  # ISO 8601, the day in Kazakhstan
        Column("made_by", String(255), nullable=False),  # the teacher's pairwise-id
        Column("made_at", UtcDateTime(), nullable=False),
        Index(None, "course_id"),
    )
    Table(
        "works",
        metadata,
        Column("id", String(32), primary_key=True),
        Column("assignment_id", ForeignKey("assignments.id", ondelete="CASCADE"), nullable=False),
        Column("sub", ForeignKey("pupils.sub", ondelete="CASCADE"), nullable=False),
        Column("text", Text, nullable=False),
        Column("version", Integer, nullable=False),  # grows when the pupil replaces the text
        Column("handed_in_at", UtcDateTime(), nullable=False),
        Column("mark", Integer),  # 1 to 10; null until marked
        Column("remark", Text, nullable=False),
        Column("marked_by", String(255)),
        Column("marked_at", UtcDateTime()),
        UniqueConstraint("assignment_id", "sub"),
        Index(None, "sub"),
    )
    Table(
        "saml_messages",
        metadata,
        Column("key", String(64), primary_key=True),  # SHA-256 of issuer and the message's or assertion's ID
        Column("expires_at", UtcDateTime(), nullable=False),
        Index(None, "expires_at"),
    )


metadata = MetaData(naming_convention=NAMING)
_as_of_1(metadata)
pupils = metadata.tables["pupils"]
course_pupils = metadata.tables["course_pupils"]
assignments = metadata.tables["assignments"]
works = metadata.tables["works"]
saml_messages = metadata.tables["saml_messages"]
KEPT = (pupils, course_pupils, assignments, works)
"""In the order in which rows may be inserted; backed up."""


def _first(connection: Connection) -> None:
    made = MetaData(naming_convention=NAMING)
    _as_of_1(made)
    made.create_all(connection, checkfirst=False)


MIGRATIONS = (Migration("lms", 1, _first),)
