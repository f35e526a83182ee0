"""Codes of an authenticator app (TOTP, RFC 6238): six digits of 30 seconds, SHA-1, a key of 160 bits.

A code is good in its step and the one before and after (§5.2), and once: the step is kept, and only a later one will
do. Beside a password it is a second factor; alone it proves nothing here.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime

from idp.core import levels
from idp.core.clock import epoch
from idp.core.ids import random_bytes, same
from idp.methods.method import Attempt, Challenge, Enrolled, Owner, Proof, Refused, Spends
from idp.methods.ports import HeldCredentials
from idp.methods.sealing import seal, unseal

SECONDS = 30
DIGITS = 6
_KEY_BYTES = 20
_GROUP = 4


class Totp:
    name = "totp"
    amr = ("pwd", "otp", "mfa")
    acr = levels.MFA

    def __init__(self, credentials: HeldCredentials, secret: Callable[[str], bytes]) -> None:
        self._credentials = credentials
        self._secret = secret

    def check(self, attempt: Attempt, person_id: str, answer: Mapping[str, str]) -> Proof:
        """The code `code` of this person's app. A step that was used is refused by who spends the proof."""
        code = _typed(answer)
        for record in self._credentials.of_person(person_id, self.name):
            step = _step_of(self._open(person_id, str(record.data["sealed"])), code, attempt.now)
            if step is not None and step > record.counter:
                return Proof(person_id, record.id, self.acr, self.amr, spends=Spends(counter=step))
        raise Refused

    def begin_enrolment(self, attempt: Attempt, owner: Owner) -> Challenge:
        """Shows `uri` for the QR code and `key` in groups for typing; keeps the key sealed for its owner."""
        key = base64.b32encode(random_bytes(_KEY_BYTES)).decode()
        return self.show_again(Attempt(attempt.now, attempt.language, kept={"sealed": self._seal(owner, key)}), owner)

    def show_again(self, attempt: Attempt, owner: Owner) -> Challenge:
        """The same key once more, after a wrong code. Raises Refused for a key that was kept for somebody else."""
        import pyotp

        key = self._open(owner.person_id, attempt.kept.get("sealed", ""))
        uri = pyotp.TOTP(key, digits=DIGITS, interval=SECONDS).provisioning_uri(
            name=owner.username, issuer_name="Bilim ID"
        )
        grouped = " ".join(key[start : start + _GROUP] for start in range(0, len(key), _GROUP))
        return Challenge(shown={"uri": uri, "key": grouped}, kept=attempt.kept)

    def finish_enrolment(self, attempt: Attempt, owner: Owner, answer: Mapping[str, str]) -> Enrolled:
        """One code shows that the app has the key; its step is used by that."""
        sealed = attempt.kept.get("sealed", "")
        step = _step_of(self._open(owner.person_id, sealed), _typed(answer), attempt.now)
        if step is None:
            raise Refused
        return Enrolled({"sealed": sealed}, counter=step)

    def _seal(self, owner: Owner, key: str) -> str:
        return seal(self._secret("credential_seal"), f"totp {owner.person_id}", key)

    def _open(self, person_id: str, sealed: str) -> str:
        try:
            return unseal(self._secret("credential_seal"), f"totp {person_id}", sealed)
        except ValueError:
            raise Refused from None


def _typed(answer: Mapping[str, str]) -> str:
    """Six digits, with the spaces that apps show between them."""
    code = "".join(answer.get("code", "")[:20].split())
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else ""


def _step_of(key: str, code: str, now: datetime) -> int | None:
    """The step whose code this is, of those that are good now."""
    import pyotp

    found = None
    totp, present = pyotp.TOTP(key, digits=DIGITS, interval=SECONDS), epoch(now) // SECONDS
    for step in (present - 1, present, present + 1):
        if code and same(totp.generate_otp(step), code):
            found = step
    return found
