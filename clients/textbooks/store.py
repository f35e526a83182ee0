"""What the reader keeps, by pairwise `sub`: who reads, in which classes, how far, with what result."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Connection, ForeignKey, Index, Integer, MetaData, String, Table

from clients.kit.db import NAMING, Migration, UtcDateTime


def _as_of_1(metadata: MetaData) -> None:
    """As migration 1 made them; a change adds a migration and a description of its own."""
    Table(
        "readers",
        metadata,
        Column("sub", String(255), primary_key=True),
        Column("name", String(255), nullable=False),  # empty unless the name claim is approved for us
        Column("seen_at", UtcDateTime(), nullable=False),
    )
    Table(
        "reader_classes",
        metadata,
        Column("sub", ForeignKey("readers.sub", ondelete="CASCADE"), primary_key=True),
        Column("class_id", String(64), primary_key=True),
        Index(None, "class_id"),
    )
    Table(
        "places",
        metadata,
        Column("sub", ForeignKey("readers.sub", ondelete="CASCADE"), primary_key=True),
        Column("book", String(64), primary_key=True),
        Column("page", Integer, nullable=False),  # where to continue, from 1
        Column("furthest", Integer, nullable=False),
        Column("read_at", UtcDateTime(), nullable=False),
    )
    Table(
        "results",
        metadata,
        Column("sub", ForeignKey("readers.sub", ondelete="CASCADE"), primary_key=True),
        Column("book", String(64), primary_key=True),
        Column("answers", JSON, nullable=False),  # of the last try: the chosen option of each question
        Column("right", Integer, nullable=False),
        Column("best", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("answered_at", UtcDateTime(), nullable=False),
    )


metadata = MetaData(naming_convention=NAMING)
_as_of_1(metadata)
readers = metadata.tables["readers"]
reader_classes = metadata.tables["reader_classes"]
places = metadata.tables["places"]
results = metadata.tables["results"]


def _first(connection: Connection) -> None:
    made = MetaData(naming_convention=NAMING)
    _as_of_1(made)
    made.create_all(connection, checkfirst=False)


MIGRATIONS = (Migration("textbooks", 1, _first),)
