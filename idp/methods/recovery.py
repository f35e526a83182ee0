"""Recovery codes: ten, printed and put away for the day the phone is lost. Each is good once, beside a password.

They are kept as keyed hashes: with 80 bits of chance there is nothing to guess, so a slow hash would only cost time.
A code on paper is a second thing to know, kept where anybody at home may read it: so it lets its owner in to set up a
new factor, at the level of a password, and not into acts of legal weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from idp.core import levels
from idp.core.ids import keyed_hash, random_bytes
from idp.methods.method import Attempt, Proof, Refused, Spends
from idp.methods.ports import HeldCredentials

NUMBER = 10
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: without the letters that are read for others, which `_MISREAD` turns back."""
_MISREAD = str.maketrans("oil", "011")
_LETTERS = 16


class Recovery:
    name = "recovery"
    amr = ("pwd", "otp")
    acr = levels.PASSWORD

    def __init__(self, credentials: HeldCredentials, secret: Callable[[str], bytes]) -> None:
        self._credentials = credentials
        self._secret = secret

    def check(self, attempt: Attempt, person_id: str, answer: Mapping[str, str]) -> Proof:
        """One of this person's codes, typed with or without hyphens; it goes with its use."""
        record = self._credentials.by_handle(self.handle(person_id, answer.get("code", "")), self.name)
        if record is None or record.person_id != person_id:
            raise Refused
        return Proof(person_id, record.id, self.acr, self.amr, spends=Spends(whole=True))

    def handle(self, person_id: str, code: str) -> str:
        """What a code is known by; whose it is belongs to it."""
        return keyed_hash(self._secret("credential_seal"), "recovery code", person_id, _folded(code)).hex()


def new_code() -> str:
    """80 bits as `abcd-efgh-jkmn-pqrs`."""
    number = int.from_bytes(random_bytes(_LETTERS * 5 // 8), "big")
    letters = [_ALPHABET[(number >> (5 * place)) & 31] for place in range(_LETTERS)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, _LETTERS, 4))


def _folded(code: str) -> str:
    return "".join(code[:64].casefold().replace("-", "").split()).translate(_MISREAD)
