"""The only source of chance: row ids, secrets, reference numbers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time

_REFERENCE_ALPHABET = "23456789BCDFGHJKLMNPQRSTVWXZ"


def new_id() -> str:
    """A UUIDv7 (RFC 9562 §5.7) as 32 hex digits: new rows land at the end of their index."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return f"{value:032x}"


def random_bytes(size: int) -> bytes:
    return secrets.token_bytes(size)


def new_secret(size: int = 32) -> str:
    """`size` random bytes in URL-safe base64 without padding."""
    return b64url(secrets.token_bytes(size))


def reference() -> str:
    """A reference number to read aloud, such as `K7M 4Q2`: no vowels, no digits that look like letters."""
    return _spoken(secrets.randbelow(len(_REFERENCE_ALPHABET) ** 6))


def code(*groups: int) -> str:
    """A secret to type from paper, such as `KVTZ-4M7Q-HD` for groups of 4, 4 and 2: 48 bits, the same letters."""
    return "-".join("".join(secrets.choice(_REFERENCE_ALPHABET) for _ in range(size)) for size in groups)


_LIKE_LATIN = str.maketrans("АВСЕНКМОРТХУІЅ", "ABCEHKMOPTXYIS")


def typed_code(text: str) -> str:
    """What was typed for a `code`, without spaces and hyphens; a Cyrillic letter that looks like one stands for it."""
    return "".join(c for c in text.upper().translate(_LIKE_LATIN) if c.isalnum())[:64]


def reference_of(secret: str) -> str:
    """The reference number that belongs to a secret of high entropy and does not give it away."""
    return _spoken(int.from_bytes(hashlib.sha256(secret.encode()).digest()[:16], "big"))


def _spoken(number: int) -> str:
    letters = ""
    for _ in range(6):
        number, place = divmod(number, len(_REFERENCE_ALPHABET))
        letters += _REFERENCE_ALPHABET[place]
    return f"{letters[:3]} {letters[3:]}"


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str) -> bytes:
    """Strict: raises ValueError on anything but the canonical unpadded URL-safe alphabet (RFC 4648 §5)."""
    if not text.isascii() or "=" in text:
        raise ValueError("not base64url")
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if b64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


def fingerprint(text: str) -> str:
    """SHA-256 in hex: how high-entropy secrets are stored (never passwords)."""
    return hashlib.sha256(text.encode()).hexdigest()


def keyed_hash(key: bytes, *parts: str) -> bytes:
    """HMAC-SHA256 over length-prefixed parts, so that ("ab","c") and ("a","bc") differ."""
    mac = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        data = part.encode()
        mac.update(len(data).to_bytes(4, "big"))
        mac.update(data)
    return mac.digest()


def same(one: str, other: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
