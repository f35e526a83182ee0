"""Consents to the processing of personal data (Law № 94-V art. 8): texts, answers, campaigns.

A person's answer to what one OAuth client asks is another thing: `models.clients.ClientConsent`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.base import Base, Id

PURPOSES = (
    "visits",
    "meal_payment",
    "free_meals",
    "textbooks",
    "lms",
    "alternative_method",
    "photo",
    "web_push",
    "automated_decision",
    "other",
)
RELEASING = ("textbooks", "lms", "other")
"""Under these data goes to a client; where a school asks for one, no pupil signs in there without it."""
CHANNELS = ("eds", "mfa", "paper", "kdp")


class ConsentText(Base):
    """One version of a text: what is asked, by whom, for whom, for how long, with the eight contents of art. 8(4).

    Never changed once published: a correction is a new version.
    """

    __tablename__ = "consent_texts"
    __table_args__ = (UniqueConstraint("school_id", "purpose", "recipient", "version"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    purpose: Mapped[str]
    recipient: Mapped[str] = mapped_column(default="")
    """`client_id` of who receives the data; empty when it stays in the school."""
    version: Mapped[int]
    title: Mapped[dict[str, Any]]
    """In `kk` and `ru`, as `body` is."""
    body: Mapped[dict[str, Any]]
    contents: Mapped[dict[str, Any]]
    """`operator_name operator_bin term_days term_text third_parties cross_border published data notes`, and `audience`.

    The shapes are those of `services/consent_contents.py`.
    """
    sha256: Mapped[str] = mapped_column(default="")
    """Of the canonical JSON of everything a signer sees; empty while a draft."""
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class ConsentRecord(Base):
    """One answer about one person, with its proof. It holds until it expires or is withdrawn."""

    __tablename__ = "consent_records"
    __table_args__ = (
        Index(None, "school_id", "purpose", "person_id"),
        Index(None, "person_id", "given_at"),
        Index(None, "stop_by"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    text_id: Mapped[str] = mapped_column(ForeignKey("consent_texts.id"))
    purpose: Mapped[str]
    recipient: Mapped[str] = mapped_column(default="")
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    """Whose data it is about."""
    signer_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    """Who gave it: the person, or who may act for them; None on paper of somebody without an account."""
    relation: Mapped[str]
    """`self`, or the guardianship's relation."""
    channel: Mapped[str]
    language: Mapped[str]
    answer: Mapped[str] = mapped_column(default="given")
    """`given` or `declined`: who said no is not asked again until there is a new version."""
    proof: Mapped[dict[str, Any]]
    """What the channel kept, without any ИИН: session, acr and amr; signature id; number and date of a paper."""
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    """HMAC of record and proof under the stored `evidence` key, so that a change is found."""
    given_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    """The first day it no longer holds."""
    acknowledged_at: Mapped[datetime | None]
    """A pupil of 14 to 17 has seen it (order-456 reference F2)."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(default="")
    stop_by: Mapped[date | None]
    """The 15th working day after withdrawal (art. 8(7))."""
    stopped_at: Mapped[datetime | None]
    """When dependent processing had stopped."""
    refusal: Mapped[str] = mapped_column(default="")
    """The reason why a withdrawal was refused (art. 8(2)); then the consent still holds."""


class Campaign(Base):
    """A school asks many at once; progress is counted, not stored."""

    __tablename__ = "consent_campaigns"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    school_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    title: Mapped[str]
    text_ids: Mapped[list[str]]
    class_ids: Mapped[list[str]]
    """Empty for the whole school."""
    begin: Mapped[date]
    end: Mapped[date]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
