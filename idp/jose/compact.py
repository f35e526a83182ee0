"""JWS in compact form: split, read strictly, sign, check. The algorithm comes from the key, never from the token.

A header may name a key, not bring one: `jwk`, `jku`, `x5c`, `x5u` would let the sender choose who vouches for them,
and an extension we do not know (`crit`) must be refused (RFC 7515 §4.1.11, CVE-2025-59420).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from idp.core.ids import b64url, b64url_decode
from idp.jose import algorithms
from idp.jose.errors import BadToken
from idp.jose.keyring import SigningKey

MAX_LENGTH = 16_384
"""Characters; longer tokens are not looked at (CVE-2026-48990 and kin)."""
_FORBIDDEN = frozenset(("jwk", "jku", "x5c", "x5u", "crit", "zip", "enc", "b64"))


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token taken apart and not yet believed."""

    header: Mapping[str, Any]
    unverified_claims: dict[str, Any]
    signing_input: bytes
    signature: bytes

    @property
    def kid(self) -> str:
        return str(self.header.get("kid", ""))

    @property
    def alg(self) -> str:
        return str(self.header["alg"])


def sign(claims: Mapping[str, Any], key: SigningKey, *, typ: str) -> str:
    """A signed JWT with explicit type (RFC 8725 §3.11). Claims must be JSON values."""
    body = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    signing_input = f"{_header(key.alg, key.kid, typ)}.{b64url(body)}"
    signature = algorithms.sign(key.alg, key.private_key, signing_input.encode("ascii"))
    return f"{signing_input}.{b64url(signature)}"


@lru_cache(maxsize=64)
def _header(alg: str, kid: str, typ: str) -> str:
    return b64url(json.dumps({"alg": alg, "typ": typ, "kid": kid}, separators=(",", ":")).encode())


def read(token: str, *, typ: Collection[str]) -> Unverified:
    """Takes a token apart. Raises BadToken for anything malformed, forbidden or of another type.

    `typ` lists accepted types in lower case; the empty string accepts a token without one.
    """
    if len(token) > MAX_LENGTH or token.count(".") != 2:
        raise BadToken("not a compact JWS of bearable size")
    head, body, tail = token.split(".")
    try:
        header = _strict_object(b64url_decode(head))
        claims = _strict_object(b64url_decode(body))
        signature = b64url_decode(tail)
    except (ValueError, RecursionError) as error:
        raise BadToken("not well-formed") from error
    if not _FORBIDDEN.isdisjoint(header):
        raise BadToken("forbidden header")
    if header.get("alg") not in algorithms.SUPPORTED:
        raise BadToken("algorithm not accepted")
    named = header.get("typ", "")
    if not isinstance(named, str) or named.lower().removeprefix("application/") not in typ:
        raise BadToken("token of another type")
    if not isinstance(header.get("kid", ""), str):
        raise BadToken("kid is not a string")
    return Unverified(header, claims, f"{head}.{body}".encode("ascii"), signature)


def verify(token: Unverified, key: algorithms.PublicKey, *, alg: str) -> dict[str, Any]:
    """The claims, once `alg` (pinned by the caller) is what the header says and the signature is genuine."""
    if token.alg != alg or not algorithms.is_genuine(alg, key, token.signing_input, token.signature):
        raise BadToken("signature does not verify")
    return token.unverified_claims


def _strict_object(data: bytes) -> dict[str, Any]:
    value = json.loads(data.decode("utf-8"), object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member occurs twice")
    return value


def _no_constants(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
