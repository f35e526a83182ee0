"""Secrets that must be read again, such as a TOTP key: sealed, and good in the row of one person only."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.core.ids import b64url, b64url_decode, random_bytes

_NONCE = 12


def seal(key: bytes, about: str, text: str) -> str:
    """AES-256-GCM with `about` as associated data: moved to another row it does not open. In base64url."""
    nonce = random_bytes(_NONCE)
    return b64url(nonce + AESGCM(key).encrypt(nonce, text.encode(), about.encode()))


def unseal(key: bytes, about: str, sealed: str) -> str:
    """The text again. Raises ValueError when it is not of this key and row."""
    data = b64url_decode(sealed)
    try:
        return AESGCM(key).decrypt(data[:_NONCE], data[_NONCE:], about.encode()).decode()
    except InvalidTag:
        raise ValueError("sealed by another key or for another row") from None
