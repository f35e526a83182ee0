"""Codes and refresh tokens: grant id ‖ secret ‖ tag, so that a row is found by its key and a forgery costs no query.

The tag is an HMAC over purpose, grant id and secret: a code is no refresh token (CVE-2026-4282), and a well-tagged
token that is not the current one of its grant was truly ours once, so it is replay, not noise.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from idp.core.ids import b64url, b64url_decode, fingerprint, random_bytes

CODE = b"code"
REFRESH = b"refresh"

_ID = 16
_SECRET = 32
_TAG = 16
LENGTH = 86
"""Characters of every code and refresh token."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """`text` goes to the client, `digest` (SHA-256 in hex) into the store."""

    text: str
    digest: str
    grant_id: str


def mint(key: bytes, purpose: bytes, grant_id: str) -> Opaque:
    """A fresh code or refresh token of a grant."""
    body = bytes.fromhex(grant_id) + random_bytes(_SECRET)
    text = b64url(body + _tag(key, purpose, body))
    return Opaque(text, fingerprint(text), grant_id)


def read(key: bytes, purpose: bytes, unverified: str) -> Opaque | None:
    """The value, when we minted it for this purpose; None for everything else."""
    if len(unverified) != LENGTH:
        return None
    try:
        data = b64url_decode(unverified)
    except ValueError:
        return None
    body, tag = data[:-_TAG], data[-_TAG:]
    if not hmac.compare_digest(tag, _tag(key, purpose, body)):
        return None
    return Opaque(unverified, fingerprint(unverified), body[:_ID].hex())


def _tag(key: bytes, purpose: bytes, body: bytes) -> bytes:
    return hmac.digest(key, purpose + b"\x00" + body, "sha256")[:_TAG]
