"""Documents waiting to be signed, what was signed with its evidence, and errands of a phone that signs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

REQUEST_STATES = ("waiting", "signed", "declined", "cancelled")
ERRAND_STATES = ("waiting", "fetched", "delivered", "refused", "spent")


class SigningRequest(Base):
    """A document that a client wants signed. It is over when signed, declined, cancelled or past `expires_at`."""

    __tablename__ = "signing_requests"
    __table_args__ = (Index(None, "client_id", "created_at"), Index(None, "expires_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("clients.client_id"))
    title: Mapped[dict[str, Any]]
    """In `kk`, `ru` and `en`."""
    media_type: Mapped[str]
    document: Mapped[bytes] = mapped_column(LargeBinary)
    document_sha256: Mapped[str]
    """Hex."""
    signers: Mapped[dict[str, Any]]
    """Who may sign, any one of them: `subs` (pairwise for the client) and `roles` ([{role, school_id}])."""
    return_uri: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="waiting")
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Who signed or declined."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Signature(Base):
    """A verified signature with everything needed to check it again later (E4, E5; LTV)."""

    __tablename__ = "signatures"
    __table_args__ = (Index(None, "cms_sha256"), Index(None, "person_id", "created_at"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    request_id: Mapped[str] = mapped_column(ForeignKey("signing_requests.id"), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    cms_sha256: Mapped[str]
    """Hex, of the DER; finds the evidence when somebody brings the signature to be checked."""
    evidence_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """CMS, chain, status answer and timestamp under the stored `evidence` key: a certificate holds an ИИН."""
    signer: Mapped[dict[str, Any]]
    """What pages show: names, organisation, БИН, roles, key storage. No ИИН."""
    created_at: Mapped[datetime]


class PhoneErrand(Base):
    """One document that a phone fetches, signs and brings back while a browser waits (eGov Mobile, or a relay)."""

    __tablename__ = "phone_errands"
    __table_args__ = (Index(None, "expires_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of the id in the QR code."""
    purpose: Mapped[str]
    """`login` or `document`; one never serves for the other."""
    browser: Mapped[str]
    """Keyed hash of the browser that started it and alone may finish it."""
    request_id: Mapped[str | None] = mapped_column(ForeignKey("signing_requests.id"))
    document: Mapped[bytes] = mapped_column(LargeBinary)
    """What is signed; empty for `document`, whose request holds it."""
    token_hash: Mapped[str]
    """SHA-256 of the bearer token that the first answer gives the phone for the second."""
    state: Mapped[str] = mapped_column(default="waiting")
    refusal: Mapped[str] = mapped_column(default="")
    """The code of `eds/errors.py` when the phone brought something that proves nothing."""
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The verified signature under the stored `evidence` key, until the browser confirms."""
    relay: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Addresses a relay gave; empty without one."""
    asked_at: Mapped[datetime | None]
    """When the relay was last asked, by whichever node."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class RevocationList(Base):
    """An imported CRL; a delta adds to the base it was made for (RFC 5280 §5.2.4)."""

    __tablename__ = "revocation_lists"
    __table_args__ = (Index(None, "issuer_key_id", "kind"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    issuer_key_id: Mapped[str]
    """Hex SHA-1 of the issuer's key bits."""
    kind: Mapped[str]
    """`base` or `delta`."""
    number: Mapped[int] = mapped_column(BigInteger)
    base_number: Mapped[int] = mapped_column(BigInteger)
    """Of the base a delta needs; its own number for a base."""
    this_update: Mapped[datetime]
    next_update: Mapped[datetime]
    entries: Mapped[int]
    imported_at: Mapped[datetime]


class RevocationShard(Base):
    """The serials of one list that end in one octet, packed and sorted: 20 octets serial, 4 time, 1 reason each."""

    __tablename__ = "revocation_shards"

    list_id: Mapped[str] = mapped_column(ForeignKey("revocation_lists.id"), primary_key=True)
    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serials: Mapped[bytes] = mapped_column(LargeBinary)
