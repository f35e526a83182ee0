"""Anyone brings a document and its signature: who signed, what, when, valid then, valid now (E5, LTV).

What was signed through us is checked with the evidence kept then, so that an expired certificate changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from idp.core import iin
from idp.core.clock import Clock
from idp.core.errors import BilimError, Invalid, Unavailable
from idp.eds import cms
from idp.eds.errors import EdsRefused, Malformed, NcaUnavailable
from idp.eds.signed_by import Evidence, SignedBy
from idp.eds.verifier import Examination
from idp.services.eds import Eds
from idp.services.signature_facts import facts
from idp.services.throttle import Throttle
from idp.store import signing
from idp.store.session import UnitOfWork

MAX_SIGNATURE = 128 * 1024
"""A CMS has at most 64 KiB; base64 and armour make it longer."""
UNKNOWN = "unknown"
"""Instead of a verdict about a moment that nothing proves, or of which the NCA did not speak."""


@dataclass(frozen=True, slots=True)
class Checked:
    """`then` and `now` are empty for valid, else a code of `eds/errors.py`; `then` may be UNKNOWN."""

    signer: dict[str, Any]
    """As `signature_facts.facts`, and `iin_masked`."""
    sha256: str
    size: int
    is_embedded: bool
    proven_at: datetime | None
    proven_by: str
    """`timestamp`, `record` (our own register) or empty."""
    authority: str
    then: str
    now: str
    is_held: bool
    checked_at: datetime

    @property
    def is_production(self) -> bool:
        """False for a certificate of the NCA's test branch or of a developer, which proves nothing in the world."""
        return bool(self.signer["is_production"])


class SignatureCheck:
    def __init__(self, uow: UnitOfWork, clock: Clock, eds: Eds, throttle: Callable[[], Throttle]) -> None:
        self._uow = uow
        self._clock = clock
        self._eds = eds
        self._throttle = throttle

    def why_off(self) -> str:
        return self._eds.why_off()

    @property
    def max_bytes(self) -> int:
        """The largest document that can be hashed here."""
        return self._eds.max_bytes

    def check(self, unverified_cms: bytes | str, document: bytes | None, *, place: str) -> Checked:
        """`document` is None when the signature should hold it.

        Raises Invalid `verify_document_missing`, `verify_swapped` or `verify_signature_too_large`, TooSoon, and
        `eds.errors` when the signature is no signature of this document at all.
        """
        self._throttle().enter(None, f"verify:{place}")
        der, signed = self._read(unverified_cms, document)
        content = signed.content if document is None else document
        if content is None:
            raise Invalid("the signature does not hold the document", code="verify_document_missing")
        with self._uow.read() as tx:
            held = signing.signature_by_cms(tx, hashlib.sha256(der).hexdigest())
        if held is not None:
            evidence = self._eds.open(held.evidence_sealed, held.request_id)
            return self._with_evidence(evidence, held.created_at, der, content, is_embedded=document is None)
        return self._without(der, content, is_embedded=document is None)

    def _read(self, unverified_cms: bytes | str, document: bytes | None) -> tuple[bytes, cms.SignedData]:
        try:
            der = cms.decode(unverified_cms)
            return der, cms.parse(der)
        except Malformed:
            if document is not None and _is_signature(document):
                raise Invalid("the two files are swapped", code="verify_swapped") from None
            if len(unverified_cms) > MAX_SIGNATURE:
                raise Invalid("the signature is too large", code="verify_signature_too_large") from None
            raise

    def _with_evidence(
        self, evidence: Evidence, received_at: datetime, der: bytes, content: bytes, *, is_embedded: bool
    ) -> Checked:
        signed_by = self._eds.verifier().again(evidence, content)
        try:
            now = self._eds.verifier().examine(der, content).now
        except (EdsRefused, Unavailable) as error:
            now = error.code
        stamp = evidence.timestamp
        return self._checked(
            signed_by,
            content,
            is_embedded=is_embedded,
            proven_at=stamp.at if stamp else received_at,
            proven_by="timestamp" if stamp else "record",
            authority=stamp.authority if stamp else "",
            verdicts=("", now),
            is_held=True,
        )

    def _without(self, der: bytes, content: bytes, *, is_embedded: bool) -> Checked:
        found = self._eds.verifier().examine(der, content)
        stamp = found.signed_by.evidence.timestamp
        return self._checked(
            found.signed_by,
            content,
            is_embedded=is_embedded,
            proven_at=found.proven_at,
            proven_by="timestamp" if found.proven_at else "",
            authority=stamp.authority if stamp else "",
            verdicts=(_then(found), found.now),
            is_held=False,
        )

    def _checked(
        self,
        signed_by: SignedBy,
        content: bytes,
        *,
        is_embedded: bool,
        proven_at: datetime | None,
        proven_by: str,
        authority: str,
        verdicts: tuple[str, str],
        is_held: bool,
    ) -> Checked:
        return Checked(
            signer=facts(signed_by) | {"iin_masked": iin.masked(signed_by.iin)},
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            is_embedded=is_embedded,
            proven_at=proven_at,
            proven_by=proven_by,
            authority=authority,
            then=verdicts[0],
            now=verdicts[1],
            is_held=is_held,
            checked_at=self._clock.now(),
        )


def _then(found: Examination) -> str:
    """The verdict about the proven moment. That the NCA does not answer now is no word about it."""
    return UNKNOWN if found.proven_at is None or found.then == NcaUnavailable.code else found.then


def _is_signature(data: bytes) -> bool:
    try:
        cms.parse(cms.decode(data))
    except BilimError:
        return False
    return True
