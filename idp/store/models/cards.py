"""The one register of identification cards (order-456 reference R1.1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

CARD_STATES = ("active", "blocked", "replaced", "returned")
_ACTIVE = text("state = 'active'")
_HELD = text("state IN ('active', 'blocked')")


class Card(Base):
    """A card, by the keyed hash of its number. One active card per person; a number is held by one person at a time."""

    __tablename__ = "cards"
    __table_args__ = (
        Index(None, "school_id", "state"),
        Index(None, "number_hash"),
        Index(None, "short_hash"),
        Index("uq_cards_active_person", "person_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
        Index("uq_cards_held_number", "number_hash", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    number_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """HMAC of the normalised number under the stored `card_number` key."""
    short_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The same of the 24 bits that readers with Wiegand-26 give; two cards may share them."""
    number_hint: Mapped[str]
    """The last four characters, for people to tell cards apart."""
    state: Mapped[str] = mapped_column(default="active")
    reason: Mapped[str] = mapped_column(default="")
    """Why it was blocked, replaced or returned, in a word: `lost`, `stolen`, `broken`, `left`, `other`."""
    issued_at: Mapped[datetime]
    issued_by: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
    replaced_by_id: Mapped[str | None] = mapped_column(Id)
