"""ЭЦҚ in the phone: eGov Mobile fetches the challenge, shows it, signs it and brings it back (nca.md §6).

The phone may have scanned a code that an attacker showed (nca.md §8 row 13): the text names the site and the code on
the screen, and only the browser that began can use what the phone brought, after a last confirmation there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from idp.core import levels
from idp.eds.errors import OtherDocument
from idp.methods import eds_challenge
from idp.methods.method import Attempt, Challenge, Citizen
from idp.methods.ports import Signatures


class EgovMobile:
    name = "eds_egov_mobile"
    amr = ("hwk", "swk")
    acr = levels.EDS
    lifetime = timedelta(minutes=3)

    def __init__(self, signatures: Signatures, *, is_reachable: bool) -> None:
        """`is_reachable` is whether the app will talk to us: the operator is named, or a relay carries our errands."""
        self._signatures = signatures
        self._is_reachable = is_reachable

    def why_off(self) -> str:
        """`operator` without an operator's БИН and without a relay, else why signatures cannot be checked."""
        return self._signatures.why_off() or ("" if self._is_reachable else "operator")

    def begin(self, attempt: Attempt) -> Challenge:
        """`kept` must bring `code`, the letters that screen and phone both show."""
        code = attempt.kept.get("code", "")
        text = eds_challenge.new(attempt.language, attempt.site, attempt.now, code=code)
        return Challenge(shown={"text": text, "code": code}, kept={"text": text})

    def document(self, attempt: Attempt) -> bytes:
        return attempt.kept.get("text", "").encode()

    def deliver(self, attempt: Attempt, signature: str) -> Citizen:
        content = self.document(attempt)
        if not eds_challenge.is_for(content, attempt.site):
            raise OtherDocument("what was asked to be signed is no challenge of this site")
        return eds_challenge.citizen(self._signatures.verify(signature, content))

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Citizen:
        """The same from an answer's `signature`."""
        return self.deliver(attempt, answer.get("signature", ""))
