"""Proof Key for Code Exchange (RFC 7636), S256 only: `plain` protects nobody who can read the request."""

from __future__ import annotations

import hashlib
import re

from idp.core.ids import b64url

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9\-_]{43}")


def is_verifier(text: str) -> bool:
    """RFC 7636 §4.1: 43 to 128 unreserved characters."""
    return _VERIFIER.fullmatch(text) is not None


def is_challenge(text: str) -> bool:
    """RFC 7636 §4.2: a SHA-256 in base64url is 43 characters."""
    return _CHALLENGE.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """BASE64URL(SHA256(verifier)), RFC 7636 §4.2."""
    return b64url(hashlib.sha256(verifier.encode("ascii")).digest())
