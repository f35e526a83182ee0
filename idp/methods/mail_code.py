"""A code by mail: six digits to an address that its owner has confirmed, typed in the browser that asked.

`services/mailed_codes.py` sends it, keeps what is kept, and counts the tries; here it is made and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from idp.core import levels
from idp.core.ids import keyed_hash, random_bytes, same
from idp.methods.method import Attempt, Challenge, Proof, Refused

DIGITS = 6
LIFETIME = timedelta(minutes=10)


class MailCode:
    name = "mail_code"
    amr = ("otp",)
    acr = levels.PASSWORD
    lifetime = LIFETIME

    def __init__(self, secret: Callable[[str], bytes], *, can_send: bool) -> None:
        self._secret = secret
        self._can_send = can_send

    def why_off(self) -> str:
        return "" if self._can_send else "no_mail"

    def begin(self, attempt: Attempt) -> Challenge:
        """Nothing is shown; what is kept is made when somebody has named an address."""
        return Challenge()

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Proof:
        """Compares `code` with `kept`: `person_id` and the hash `mac` of `kept_for`. Raises Refused."""
        person_id, challenge = attempt.kept.get("person_id", ""), answer.get("challenge", "")
        code = "".join(answer.get("code", "")[:20].split())
        is_right = same(attempt.kept.get("mac", ""), self.kept_for(challenge, code))
        if not is_right or not person_id:
            raise Refused
        return Proof(person_id, "", levels.PASSWORD, self.amr)

    def kept_for(self, challenge: str, code: str) -> str:
        """How a code is kept: a million codes are soon tried, so the hash needs our key."""
        return keyed_hash(self._secret("token"), "mail code", challenge, code).hex()


def new_code() -> str:
    """Six digits by chance; 64 bits modulo a million are even enough."""
    return f"{int.from_bytes(random_bytes(8), 'big') % 10**DIGITS:0{DIGITS}d}"
