"""ЭЦҚ through NCALayer, the NCA's program on the person's own computer (nca.md §5).

The page hands it the challenge and sends back a CMS; no key and no certificate store ever leaves that computer.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta

from idp.core import levels
from idp.eds.errors import Malformed, OtherDocument
from idp.methods import eds_challenge
from idp.methods.method import Attempt, Challenge, Citizen
from idp.methods.ports import Signatures

OIDS = ("1.3.6.1.5.5.7.3.4",)
"""Extended key usage that NCALayer offers certificates by: signing, for people and organisations alike."""
_MAX_ANSWER = 128 * 1024


class NcaLayer:
    name = "eds_ncalayer"
    amr = ("hwk", "swk")
    acr = levels.EDS
    lifetime = timedelta(minutes=2)

    def __init__(self, signatures: Signatures, *, address: str) -> None:
        """`address` is where NCALayer listens, as the page must be allowed to connect there."""
        self._signatures = signatures
        self._address = address

    def why_off(self) -> str:
        return self._signatures.why_off()

    def begin(self, attempt: Attempt) -> Challenge:
        """Shows `text`, `data_b64`, `ncalayer_url` and `oids` (space separated); keeps `text`."""
        text = eds_challenge.new(attempt.language, attempt.site, attempt.now)
        shown = {
            "text": text,
            "data_b64": base64.b64encode(text.encode()).decode(),
            "ncalayer_url": self._address,
            "oids": " ".join(OIDS),
        }
        return Challenge(shown=shown, kept={"text": text})

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Citizen:
        """Checks `signature`, base64 or armoured, over the kept text. Raises `eds.errors`."""
        content = attempt.kept.get("text", "").encode()
        if not eds_challenge.is_for(content, attempt.site):
            raise OtherDocument("what was asked to be signed is no challenge of this site")
        signature = answer.get("signature", "").strip()
        if not signature or len(signature) > _MAX_ANSWER:
            raise Malformed("no signature came, or one that is too large")
        return eds_challenge.citizen(self._signatures.verify(signature, content))
