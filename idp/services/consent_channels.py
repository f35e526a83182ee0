"""The ways in which somebody may say yes, behind one interface (Law № 94-V art. 8(1); order-456 reference D3).

    mfa     in the account, with two factors a moment ago          proof at once
    eds     the text signed with the signer's own ЭЦҚ at /sign/…   elsewhere, then recorded with the signature
    paper   what staff enter from a signed paper; no copy of it    proof at once
    kdp     the state service of access control                    elsewhere, when an address is configured

A channel works outside any transaction and writes no consent: it brings a proof, which `data_consents.py` records.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from idp.core.errors import Invalid, Unavailable
from idp.services.consent_document import written
from idp.services.consent_kdp import Kdp
from idp.services.consent_signers import Hand, Standing
from idp.services.own_signing import OwnSigning
from idp.store.consent_texts import TextRow

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Question:
    """One text put to one signer about one person; `relation` is `self` or that of the guardianship."""

    text: TextRow
    subject: Standing
    signer_id: str
    signer_name: str
    relation: str
    language: str
    at: datetime
    expires_on: date | None
    hand: Hand | None = None
    """None for what staff enter."""
    subject_name: str = ""
    """As it was shown, when that was earlier than now."""
    shown_at: datetime | None = None
    allowed_until: date | None = None
    """What the law allows now, when the document was shown earlier."""

    @property
    def ends_on(self) -> date | None:
        """The first day it no longer holds: never after the day in the document, nor after what the law allows now."""
        ends = [one for one in (self.expires_on, self.allowed_until) if one is not None]
        return min(ends) if ends else None

    @property
    def about(self) -> dict[str, str]:
        """What finds the question again when the answer comes from elsewhere, and what the signer had before them."""
        return {
            "text": self.text.id,
            "person": self.subject.person.id,
            "signer": self.signer_id,
            "language": self.language,
            **self.shown,
        }

    @property
    def shown(self) -> dict[str, str]:
        """Everything in the document that is not in the text, and the document's SHA-256: kept in the proof."""
        return {
            "person_name": self.subject_name or self.subject.person.name,
            "signer_name": self.signer_name,
            "until": self.expires_on.isoformat() if self.expires_on else "",
            "shown_at": (self.shown_at or self.at).isoformat(),
            "sha256": hashlib.sha256(self.document().encode()).hexdigest(),
        }

    def as_shown(self, about: Mapping[str, str]) -> Question:
        """The same as it was shown when `about` was made; a consent holds no longer than its document says."""
        if "sha256" not in about:
            return self
        told = date.fromisoformat(about["until"]) if about["until"] else None
        return replace(
            self,
            subject_name=about["person_name"],
            signer_name=about["signer_name"],
            shown_at=datetime.fromisoformat(about["shown_at"]),
            expires_on=told,
            allowed_until=self.expires_on,
        )

    def document(self) -> str:
        return written(
            self.text,
            self.language,
            subject=self.subject_name or self.subject.person.name,
            signer=self.signer_name,
            relation=self.relation,
            until=self.expires_on,
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """What is kept of how it was said: ids and words, no ИИН."""

    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the signer goes now; the answer is recorded when it comes."""

    url: str


class Channel(Protocol):
    @property
    def name(self) -> str:
        """One of `store.models.consents.CHANNELS`."""
        ...

    def why_off(self) -> str:
        """Why nobody can answer this way here, in a word; empty when they can."""
        ...

    def begin(self, question: Question, said: Mapping[str, str]) -> Proof | Elsewhere:
        """`said` is what a form brought. Raises Unavailable when off or away, StepUp, Invalid for a wrong form."""
        ...


class MfaChannel:
    """Two factors are a ground for legal acts and their evidence (Digital Code art. 46(4))."""

    name = "mfa"

    def why_off(self) -> str:
        return ""

    def begin(self, question: Question, said: Mapping[str, str]) -> Proof | Elsewhere:
        hand = question.hand
        if hand is None:
            raise Invalid("nobody is there to confirm")
        hand.check_strength(question.at)
        return Proof(
            {
                "session": hand.session_id,
                "acr": hand.acr,
                "amr": list(hand.amr),
                "auth_time": hand.auth_time.isoformat(),
            }
        )


class EdsChannel:
    """A request of our own at /sign/<id>; its signature is checked, kept and timestamped like any other (E4, E5)."""

    name = "eds"

    def __init__(self, signing: OwnSigning, why_off: Callable[[], str], issuer: str) -> None:
        self._signing = signing
        self._why_off = why_off
        self._issuer = issuer

    def why_off(self) -> str:
        return self._why_off()

    def begin(self, question: Question, said: Mapping[str, str]) -> Proof | Elsewhere:
        off = self._why_off()
        if off:
            raise Unavailable("signatures cannot be checked here", code="eds_off", detail=off)
        title = {one: question.text.title.get(one) or question.text.title["kk"] for one in ("kk", "ru", "en")}
        back = f"{self._issuer}/account/consents/{question.subject.person.id}"
        request_id = self._signing.ask(
            question.document(), title, question.signer_id, about=question.about, return_uri=back
        )
        return Elsewhere(f"/sign/{request_id}")


class PaperChannel:
    """Number and day of a signed paper that stays in the school's files. No copy is taken (art. 7(10))."""

    name = "paper"

    def why_off(self) -> str:
        return ""

    def begin(self, question: Question, said: Mapping[str, str]) -> Proof | Elsewhere:
        """Raises Invalid with the field as code: `paper_number`, `paper_date`."""
        day = paper_day(said)
        number = " ".join(said.get("number", "").split())
        if not number or len(number) > _LONGEST or not number.isprintable():
            raise Invalid("the number of the paper is missing", code="paper_number")
        return Proof({"number": number, "date": day.isoformat(), "entered_by": said.get("entered_by", "")})


def paper_day(said: Mapping[str, str]) -> date:
    """The day on a paper. Raises Invalid `paper_date`."""
    try:
        return date.fromisoformat(said.get("date", ""))
    except ValueError as error:
        raise Invalid("the day of the paper is missing", code="paper_date") from error


class KdpChannel:
    """The state service; see `consent_kdp.py` for why it is off unless configured."""

    name = "kdp"

    def __init__(self, kdp: Kdp | None) -> None:
        self._kdp = kdp

    def why_off(self) -> str:
        return "" if self._kdp is not None else "kdp_not_configured"

    def begin(self, question: Question, said: Mapping[str, str]) -> Proof | Elsewhere:
        if self._kdp is None:
            raise Unavailable("the state consent service is not connected", code="kdp_off")
        return Elsewhere(
            self._kdp.ask(
                question.about,
                title=dict(question.text.title),
                document=question.document(),
                sha256=question.text.sha256,
                operator_bin=str(question.text.contents["operator_bin"]),
                purpose=question.text.purpose,
            )
        )
