"""Challenges of passkeys: 56 bytes that carry their own proof, so that showing a page writes nothing.

A challenge is chance, the second it was made, and a keyed hash over both and what it is good for: this step, this
browser, this request. That it is used once, the transaction sees to that it opens something in (WebAuthn L3 §13.4.3).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from idp.core.clock import epoch
from idp.core.ids import b64url, b64url_decode, keyed_hash, random_bytes, same

LIFETIME = timedelta(minutes=30)
"""A page of signing in may stand open for a while; used once it is all the same."""
_CHANCE, _TIME, _MARK = 16, 8, 32


def new(key: bytes, bound: str, now: datetime) -> str:
    """In base64url."""
    head = random_bytes(_CHANCE) + epoch(now).to_bytes(_TIME, "big")
    return b64url(head + _mark(key, head, bound))


def holds(key: bytes, challenge: str, bound: str, now: datetime) -> bool:
    """Whether we made it for this, and not too long ago."""
    try:
        data = b64url_decode(challenge)
    except ValueError:
        return False
    head = data[: _CHANCE + _TIME]
    if len(data) != _CHANCE + _TIME + _MARK or not same(data[len(head) :].hex(), _mark(key, head, bound).hex()):
        return False
    age = epoch(now) - int.from_bytes(head[_CHANCE:], "big")
    return 0 <= age <= LIFETIME.total_seconds()


def _mark(key: bytes, head: bytes, bound: str) -> bytes:
    return keyed_hash(key, "passkey challenge", head.hex(), bound)
