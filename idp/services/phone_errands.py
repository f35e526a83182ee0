"""Errands of a phone that signs (eGov Mobile): begun by a browser, carried by the phone, collected by that browser.

States go waiting → fetched → delivered → spent, or end in refused; each step once, three minutes in all. The code in
the QR is no secret of the browser's: whoever photographs it may sign, but only the browser that began can use what
comes, after it has shown whose signature came (nca.md §8 row 13).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

from idp.core.clock import Clock
from idp.core.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from idp.core.ids import b64url, fingerprint, keyed_hash, new_secret, reference_of, same
from idp.eds.errors import EdsRefused
from idp.eds.signed_by import SignedBy
from idp.services import egov_words
from idp.services.egov_relay import EgovRelay
from idp.services.egov_words import Operator, Slip
from idp.services.sealed_signers import SealedSigners
from idp.store import phone_errands
from idp.store.phone_errands import ErrandRow
from idp.store.session import UnitOfWork

LIFETIME = timedelta(minutes=3)
ASK_EVERY = timedelta(seconds=3)
"""How often one errand is asked for at a relay, however many browsers wait at however many nodes."""
MOST_ASKING = 3
"""Threads of one process that a relay may hold at the same time, for all errands together."""
CONFIRM_WITHIN = timedelta(minutes=2)
"""After the phone has signed: time to read whose signature came and to confirm."""
Check = Callable[[str, bytes], SignedBy]
"""Who signed these octets, for one purpose. Raises `eds.errors`."""


@dataclass(frozen=True, slots=True)
class Begun:
    """`id` names the errand in the browser's address; `code` stands on screen and phone; `qr` is the text of the QR."""

    id: str
    code: str
    link: str
    qr: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """`waiting fetched delivered refused spent`, or `over` when time is up. `signed_by` only when delivered."""

    state: str
    refusal: str = ""
    seconds_left: int = 0
    link: str = ""
    qr: str = ""
    code: str = ""
    signed_by: SignedBy | None = None


class PhoneErrands:
    def __init__(
        self,
        uow: UnitOfWork,
        clock: Clock,
        secret: Callable[[str], bytes],
        checks: Mapping[str, Check],
        *,
        issuer: str,
        operator: Operator,
        relay: EgovRelay | None = None,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._secret = secret
        self._checks = checks
        self._issuer = issuer
        self._operator = operator
        self._relay = relay
        self._lines = BoundedSemaphore(MOST_ASKING)
        self._sealed = SealedSigners(secret)

    @staticmethod
    def new() -> tuple[str, str]:
        """The id of an errand to come, and the code that goes with it: a sign-in's text holds the code."""
        errand_id = new_secret(18)
        return errand_id, reference_of(errand_id)

    def begin(
        self,
        purpose: str,
        *,
        browser: str,
        language: str,
        document: bytes = b"",
        request_id: str = "",
        errand_id: str = "",
    ) -> Begun:
        """Begins an errand for a browser, by its random id.

        A `login` brings its text as `document`; a `document` names the signing request, whose document is signed.
        Raises Unavailable when a relay does not answer.
        """
        if purpose not in self._checks or (purpose == "document") != bool(request_id):
            raise ValueError(purpose)
        errand_id = errand_id or self.new()[0]
        now = self._clock.now()
        row: dict[str, Any] = {
            "purpose": purpose,
            "browser": self._mark(browser),
            "request_id": request_id or None,
            "document": document,
            "token_hash": fingerprint(self._token(errand_id)),
            "created_at": now,
            "expires_at": now + LIFETIME,
        }
        with self._uow.write() as tx:
            phone_errands.add(tx, errand_id, row)
            kept = phone_errands.find(tx, errand_id)
        assert kept is not None
        if self._relay is not None:
            kept = self._hand_over(self._relay, errand_id, kept, language)
        address = self._address(errand_id, kept)
        return Begun(
            errand_id, reference_of(errand_id), egov_words.link(address), egov_words.qr_text(address), kept.expires_at
        )

    def _hand_over(self, relay: EgovRelay, errand_id: str, row: ErrandRow, language: str) -> ErrandRow:
        slip = self._slip(errand_id, row)
        errand = relay.register(slip.description(language))
        relay.offer(errand, egov_words.documents(slip, self._content(errand_id)))
        addresses = {"signature": errand.signature, "phone": errand.phone}
        with self._uow.write() as tx:
            phone_errands.relayed(tx, errand_id, addresses)
        return row._replace(relay=addresses)

    def face(self, errand_id: str, *, language: str) -> dict[str, Any]:
        """API1 in the phone's language. Raises NotFound, or Conflict when it is over."""
        row = self._open(errand_id)
        return egov_words.face(
            self._slip(errand_id, row),
            self._operator,
            language=language,
            expires_at=row.expires_at,
            uri=f"{self._issuer}/egov/{errand_id}/documents",
            token=self._token(errand_id),
        )

    def documents(self, errand_id: str, token: str) -> dict[str, Any]:
        """API2: what is to be signed. Raises Denied (`wrong_token`), NotFound, or Conflict when it is over."""
        row = self._open(errand_id, token)
        with self._uow.write() as tx:
            if not phone_errands.fetched(tx, errand_id, now=self._clock.now()):
                raise Conflict("the errand is over", code="errand_over")
        return egov_words.documents(self._slip(errand_id, row), self._content(errand_id))

    def deliver(self, errand_id: str, token: str, body: Any) -> None:
        """The phone brings the signature. Raises as `documents`, Invalid, EdsRefused or NcaUnavailable.

        A signature that proves nothing ends the errand: the browser is told why and begins another.
        """
        row = self._open(errand_id, token)
        signature = egov_words.signature_in(body)
        if signature is None:
            raise Invalid("documentsToSign must hold the one document with its signature")
        self._take(errand_id, row, signature)

    def state(self, errand_id: str, browser: str, purpose: str, request_id: str = "") -> State | None:
        """How it stands, for the browser that began; None for any other, or another purpose or document.

        Looks at the relay where there is one, unless that was just done.
        """
        row = self._of(errand_id, browser, purpose, request_id)
        if row is None:
            return None
        if signature := self._ask_relay(errand_id, row):
            row = self._relay_brought(errand_id, row, signature)
        return self._state(errand_id, row)

    def text(self, errand_id: str, browser: str) -> str:
        """What the phone is to sign for a sign-in that this browser began; empty for any other errand."""
        row = self._of(errand_id, browser, "login", "")
        return self._content(errand_id).decode() if row else ""

    def collect(self, errand_id: str, browser: str, purpose: str, request_id: str = "") -> SignedBy:
        """Spends a delivered errand after the browser's last confirmation: of parallel ones exactly one succeeds.

        Raises Denied (`challenge_over`) for every other: over, spent, of another browser, purpose or document.
        """
        mark = self._mark(browser)
        with self._uow.write() as tx:
            now = self._clock.now()
            sealed = phone_errands.spend(
                tx, errand_id, browser=mark, purpose=purpose, request_id=request_id, now=now
            )  # fmt: skip
        if sealed is None:
            raise Denied("this step is over, begin again", code="challenge_over")
        return self._sealed.open(sealed, step=_step(errand_id))

    def _ask_relay(self, errand_id: str, row: ErrandRow) -> str:
        """The signature a relay has; empty while there is none, and when it is not to be asked now.

        A relay may hold the line as long as it likes: the browsers that wait must not take all threads for that.
        """
        address = str(row.relay.get("signature", ""))
        if self._relay is None or not address or row.state not in ("waiting", "fetched") or self._is_over(row):
            return ""
        if row.asked_at is not None and row.asked_at > self._clock.now() - ASK_EVERY:
            return ""
        if not self._lines.acquire(blocking=False):
            return ""
        try:
            with self._uow.write() as tx:
                is_mine = phone_errands.asked(tx, errand_id, now=self._clock.now(), every=ASK_EVERY)
            return self._relay.ask(address) if is_mine else ""
        finally:
            self._lines.release()

    def _relay_brought(self, errand_id: str, row: ErrandRow, signature: str) -> ErrandRow:
        with suppress(EdsRefused, Unavailable, Conflict, NotFound):  # The row says why.
            self._take(errand_id, row, signature)
        with self._uow.read() as tx:
            return phone_errands.find(tx, errand_id) or row

    def _take(self, errand_id: str, row: ErrandRow, signature: str) -> None:
        """Verifies outside any transaction, for the NCA is asked; then notes what came of it, once."""
        content = self._content(errand_id)
        try:
            signed_by = self._checks[row.purpose](signature, content)
        except (EdsRefused, Unavailable) as error:
            with self._uow.write() as tx:
                phone_errands.refused(tx, errand_id, error.code, now=self._clock.now())
            raise
        sealed = self._sealed.seal(signed_by, step=_step(errand_id))
        now = self._clock.now()
        ends = max(row.expires_at, now + CONFIRM_WITHIN)
        with self._uow.write() as tx:
            if not phone_errands.delivered(tx, errand_id, sealed, now=now, expires_at=ends):
                raise Conflict("the errand is over", code="errand_over")

    def _state(self, errand_id: str, row: ErrandRow) -> State:
        if self._is_over(row) and row.state != "refused":
            return State("over")
        address = self._address(errand_id, row)
        state = State(
            row.state,
            row.refusal,
            max(0, int((row.expires_at - self._clock.now()).total_seconds())),
            egov_words.link(address),
            egov_words.qr_text(address),
            reference_of(errand_id),
        )
        if row.state != "delivered" or row.sealed is None:
            return state
        return replace(state, signed_by=self._sealed.open(row.sealed, step=_step(errand_id)))

    def _open(self, errand_id: str, token: str | None = None) -> ErrandRow:
        """An errand that still goes on. The token is compared before anything else is told."""
        with self._uow.read() as tx:
            row = phone_errands.find(tx, errand_id)
        if row is None:
            raise NotFound("no such errand")
        if token is not None and not same(fingerprint(token), row.token_hash):
            raise Denied("the token does not belong to this errand", code="wrong_token")
        if self._is_over(row) or row.state not in ("waiting", "fetched"):
            raise Conflict("the errand is over", code="errand_over")
        return row

    def _of(self, errand_id: str, browser: str, purpose: str, request_id: str) -> ErrandRow | None:
        with self._uow.read() as tx:
            row = phone_errands.find(tx, errand_id)
        if row is None or not browser or not row.serves(self._mark(browser), purpose, request_id):
            return None
        return row

    def _content(self, errand_id: str) -> bytes:
        with self._uow.read() as tx:
            content = phone_errands.content(tx, errand_id)
        if content is None:
            raise NotFound("no such errand")
        return content

    def _slip(self, errand_id: str, row: ErrandRow) -> Slip:
        site = urlsplit(self._issuer).netloc
        code, media_type = reference_of(errand_id), row.media_type or "text/plain"
        return Slip(row.purpose, site, code, row.title or {}, media_type)

    def _is_over(self, row: ErrandRow) -> bool:
        return row.expires_at <= self._clock.now()

    def _address(self, errand_id: str, row: ErrandRow) -> str:
        return str(row.relay.get("phone") or f"{self._issuer}/egov/{errand_id}")

    def _mark(self, browser: str) -> str:
        return keyed_hash(self._secret("token"), "errand browser", browser).hex()

    def _token(self, errand_id: str) -> str:
        """The same for every phone that asks: a second scan must not lock the first out."""
        return b64url(keyed_hash(self._secret("token"), "errand token", errand_id))


def _step(errand_id: str) -> str:
    return f"errand {fingerprint(errand_id)}"
