"""Registered clients of both protocols, the schools they are switched on for, and people's consents to them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id


class Client(Base):
    """An OAuth client with its owner, purpose, approved claims and end date (order-456 reference R2.1)."""

    __tablename__ = "clients"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    protocol: Mapped[str] = mapped_column(default="openid", server_default="openid")
    """`openid`, or `saml` for a service provider whose metadata lies in `saml_entities`."""
    secret_hash: Mapped[str] = mapped_column(default="")
    """SHA-256 of a high-entropy secret; empty for public and key-holding clients."""
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")
    """RFC 7591 metadata as stored and echoed."""
    profile: Mapped[str] = mapped_column(default="modern")
    """`modern` demands PKCE, `legacy` may omit it, `fapi2` demands more."""
    sector: Mapped[str]
    """Pairwise sector (OIDC Core §8.1)."""
    owner: Mapped[str]
    purpose: Mapped[str]
    consent: Mapped[str] = mapped_column(default="ask")
    """`ask` shows the consent page once per scope set, `implicit` is for the school's own modules."""
    approved_scopes: Mapped[list[str]]
    approved_claims: Mapped[list[str]]
    resources: Mapped[list[str]] = mapped_column(default=list)
    """Audiences it may ask tokens for (RFC 8707), beside itself."""
    all_schools: Mapped[bool] = mapped_column(default=False)
    """Switched on everywhere, for the operator's own modules."""
    end_date: Mapped[date | None]
    is_disabled: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ClientSchool(Base):
    """A client switched on at a school: its licence, and the tile in «My resources»."""

    __tablename__ = "client_schools"
    __table_args__ = (Index(None, "school_id"),)

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"), primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    begin: Mapped[date | None]
    end: Mapped[date | None]
    switched_by: Mapped[str] = mapped_column(default="")
    withheld: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """What the school does not let go to it, by name, of what the operator approved."""


class ClientConsent(Base):
    """What a person allowed a client to receive; asked again when the set of scopes grows."""

    __tablename__ = "consents"
    __table_args__ = (UniqueConstraint("person_id", "client_id", "membership_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"))
    membership_id: Mapped[str] = mapped_column(default="")
    school_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    scopes: Mapped[list[str]]
    claims: Mapped[list[str]]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
