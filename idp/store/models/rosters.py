"""What an imported roster left behind: which foreign record became which row, and how it looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary
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


class Import(Base):
    """One import of the console or the command line that was applied, and whether it was taken back."""

    __tablename__ = "imports"
    __table_args__ = (Index(None, "school_id", "applied_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    """The organisation it is rooted in."""
    file_name: Mapped[str] = mapped_column(default="")
    report: Mapped[dict[str, Any]]
    """Numbers by kind and by code of mistake."""
    applied_by: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[datetime]
    undone_by: Mapped[str] = mapped_column(default="")
    undone_at: Mapped[datetime | None]


class ImportChange(Base):
    """A row that an import added or changed, as it was before: enough to undo it."""

    __tablename__ = "import_changes"

    import_id: Mapped[str] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    table: Mapped[str] = mapped_column(primary_key=True)
    row_id: Mapped[str] = mapped_column(Id, primary_key=True)
    before: Mapped[dict[str, Any]]
    """Changed columns as they were; empty for a row that was added."""


class ImportUpload(Base):
    """A file that waits between its preview and being applied, an hour at most. It holds names and ИИН."""

    __tablename__ = "import_uploads"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    file_name: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """AES-GCM under the stored `credential_seal` key, the row's id as associated data."""
    uploaded_by: Mapped[str]
    expires_at: Mapped[datetime]
