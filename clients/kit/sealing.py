"""Tokens at rest: AES-256-GCM under a key derived from the client's secret.

Whoever reads a copy of the database gets no token. A new client secret makes old rows unreadable, which ends
those sessions; people sign in again without noticing more than a redirect.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from idp.core.ids import b64url, b64url_decode, new_secret

_NONCE = 12


def derive_key(secret: str, use: str) -> bytes:
    """32 bytes for one use (RFC 5869); different uses never share a key."""
    return HKDF(SHA256(), 32, salt=b"bilim-client", info=use.encode()).derive(secret.encode())


class Sealer:
    """Seals text for one place, so that a sealed value moved to another row or column does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, text: str, place: str) -> str:
        nonce = b64url_decode(new_secret(_NONCE))
        return b64url(nonce + self._cipher.encrypt(nonce, text.encode(), place.encode()))

    def open(self, sealed: str, place: str) -> str | None:
        """The text, or None when the key, the place or the bytes are not the ones that sealed it."""
        try:
            data = b64url_decode(sealed)
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], place.encode()).decode()
        except (ValueError, InvalidTag):
            return None
