"""Username and password, argon2id (RFC 9106) at 19 MiB, t=2, p=1.

Hashing costs 20 ms and 19 MiB, so a bounded pool keeps a flood of sign-ins from taking the memory and every core;
argon2 releases the GIL, so the pool is as wide as the machine.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from idp.core import levels
from idp.core.errors import Unavailable
from idp.methods.method import Attempt, Challenge, Proof, Refused
from idp.methods.ports import Credentials

MAX_LENGTH = 256
_POOL_WAIT_SECONDS = 10
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_pool = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def normalise(text: str) -> str:
    """One form for what different keyboards send (RFC 8265 §4.2: NFC, nothing else is changed)."""
    return unicodedata.normalize("NFC", text)


def hash_password(text: str) -> str:
    """An encoded argon2id hash. Slow by design: never inside a transaction."""
    with _turn():
        return _hasher.hash(normalise(text))


def verify(encoded: str, text: str) -> bool:
    """True when the text is the password. As slow as hashing."""
    with _turn():
        try:
            return _hasher.verify(encoded, normalise(text))
        except (VerificationError, InvalidHashError):
            return False


class _turn:
    """A place in the pool; Unavailable when none comes free in time."""

    def __enter__(self) -> None:
        if not _pool.acquire(timeout=_POOL_WAIT_SECONDS):
            raise Unavailable("too many sign-ins at once")

    def __exit__(self, *_: object) -> None:
        _pool.release()


class Password:
    """The password method. An unknown username costs one hash too, so time tells nothing."""

    name = "password"
    amr = ("pwd",)
    acr = levels.PASSWORD

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def begin(self, attempt: Attempt) -> Challenge:
        return Challenge()

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Proof:
        username = answer.get("username", "").strip().casefold()
        password = answer.get("password", "")
        if len(password) > MAX_LENGTH or len(username) > MAX_LENGTH or "\x00" in username:
            password, username = "", ""  # PostgreSQL's text holds no null character.
        record = self._credentials.by_username(username, self.name)
        encoded = str(record.data["hash"]) if record else _NOBODY
        if not verify(encoded, password) or record is None:
            raise Refused
        return Proof(record.person_id, record.id, levels.PASSWORD, self.amr, record.must_change)
