"""SAML service providers, where their metadata comes from, and who is signed on where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class SamlSource(Base):
    """An address metadata is read from again and again, under a pinned certificate."""

    __tablename__ = "saml_sources"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    """`entity`, `aggregate` or `mdq`."""
    url: Mapped[str] = mapped_column(unique=True)
    certificates: Mapped[list[str]]
    """DER in base64: a signature by one of them is demanded; empty for none."""
    admits: Mapped[str] = mapped_column(default="")
    """`category`: its entities become services by themselves, with what their entity category allows."""
    all_schools: Mapped[bool] = mapped_column(default=False)
    """Those services are on everywhere until a school says otherwise."""
    refreshed_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    """In a row, up to now: the more, the longer until the next try."""
    created_at: Mapped[datetime]


class SamlEntity(Base):
    """A service provider that is known; with a client it is registered and may be served."""

    __tablename__ = "saml_entities"
    __table_args__ = (Index(None, "source_id"),)

    entity_id: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str | None] = mapped_column(ForeignKey("clients.client_id"), unique=True)
    source_id: Mapped[str | None] = mapped_column(ForeignKey("saml_sources.id"))
    """None for a file that the operator gave."""
    provider: Mapped[dict[str, Any]]
    """Its metadata in the shape of `saml.entity.ServiceProvider.as_json`."""
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """In the shape of `saml.entity.Settings.as_json`."""
    valid_until: Mapped[datetime | None]
    """From then on it is not served, unless its source has been read again."""
    refreshed_at: Mapped[datetime]


class SamlParticipant(Base):
    """One sign-on of one session at one service provider: whom a logout must reach (SAML Profiles §4.4)."""

    __tablename__ = "saml_participants"
    __table_args__ = (
        Index(None, "session_id"),
        Index(None, "client_id", "name_hash"),
        Index(None, "person_id"),
    )

    request_hash: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of service and request ID: one request, one answer. Without a request, of its session index."""
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"))
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    name_id: Mapped[dict[str, Any]]
    """`value format name_qualifier sp_name_qualifier`; empty when the assertion had none."""
    name_hash: Mapped[str] = mapped_column(default="")
    """SHA-256 of the NameID's value."""
    session_index: Mapped[str]
    created_at: Mapped[datetime]
