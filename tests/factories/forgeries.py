"""Forged tokens: every classic way to make a verifier believe what nobody signed.

RFC 8725 lists the ways; the numbers of what went wrong elsewhere stand beside the checks in `idp/jose`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.core.ids import b64url, b64url_decode
from idp.jose.keyring import SigningKey
from tests.factories.oidc import key_of

MALLORY = key_of("ES256", "key-of-mallory")
NONES = ("none", "None", "NONE", "nOnE", "")


def part(value: object) -> str:
    return b64url(json.dumps(value).encode())


def taken_apart(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, body, tail = token.split(".")
    return json.loads(b64url_decode(head)), json.loads(b64url_decode(body)), tail


def signed(key: SigningKey, header: Mapping[str, Any], claims: object) -> str:
    """ES256 by hand, so that any header can be signed."""
    signing_input = f"{part(header)}.{part(claims)}"
    assert isinstance(key.private_key, ec.EllipticCurvePrivateKey)
    der = key.private_key.sign(signing_input.encode(), ec.ECDSA(SHA256()))
    return f"{signing_input}.{b64url(_raw(der))}"


def _raw(der: bytes) -> bytes:
    """r ‖ s of RFC 7518 §3.4 from the DER that the library gives."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _hmac(secret: bytes, header: Mapping[str, Any], claims: object) -> str:
    signing_input = f"{part(header)}.{part(claims)}"
    return f"{signing_input}.{b64url(hmac.digest(secret, signing_input.encode(), hashlib.sha256))}"


def _public_forms(key: SigningKey) -> list[bytes]:
    """The public key in every form that a careless verifier took for an HMAC secret (CVE-2024-37568)."""
    pem = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    jwk = key.public_jwk()
    return [
        b"",
        pem,
        pem.strip(),
        b"\n" + pem,
        der,
        json.dumps(jwk).encode(),
        b64url_decode(jwk["x"]),
        base64.b64encode(der),
    ]


def forgeries(token: str, key: SigningKey, types: tuple[str, ...]) -> list[str]:
    """Every classic forgery of one right token."""
    header, claims, tail = taken_apart(token)
    theirs = MALLORY.public_jwk()
    found = [f"{part(header | {'alg': alg})}.{part(claims)}.{end}" for alg in NONES for end in ("", tail)]
    algs = ("HS256", "hs256", "ES256")
    found += [_hmac(secret, header | {"alg": alg}, claims) for secret in _public_forms(key) for alg in algs]
    certificate = base64.b64encode(b"0\x82\x01\x00").decode()
    brought: list[dict[str, Any]] = [
        {},
        {"jwk": theirs},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": [certificate]},
        {"kid": MALLORY.kid},
        {"kid": MALLORY.kid, "jwk": theirs},
        {"kid": "../../../dev/null"},
        {"kid": "' UNION SELECT 'x"},
        {"kid": "key-RS256"},
        {"kid": ""},
        {"kid": "\x00"},
        {"alg": "RS256"},
        {"alg": "ES256K"},
        {"alg": "ES512"},
        {"crit": ["exp"]},
    ]
    found += [signed(MALLORY, header | more, claims) for more in brought]
    # The right key, and a header that asks for what we do not do.
    wrong: list[dict[str, Any]] = [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"b64": False, "crit": ["b64"]}]
    wrong += [{"jwk": key.public_jwk()}, {"jku": "https://evil.example"}, {"x5c": []}, {"zip": "DEF"}]
    wrong += [{"kid": 5}, {"kid": ["a"]}, {"kid": None}, {"typ": 5}, {"typ": None}, {"alg": None}, {"alg": ["ES256"]}]
    found += [signed(key, header | more, claims) for more in wrong]
    found += [signed(key, header | {"typ": typ}, claims) for typ in types]
    found += _misshapen(token, key)
    return found


def _misshapen(token: str, key: SigningKey) -> list[str]:
    header, claims, tail = taken_apart(token)
    signature = b64url_decode(tail)
    head, body, _ = token.split(".")
    twice = b64url(json.dumps(claims)[:-1].encode() + b', "iss": "https://evil.example"}')
    signed_twice = f"{part(header)}.{twice}"
    assert isinstance(key.private_key, ec.EllipticCurvePrivateKey)
    double = key.private_key.sign(signed_twice.encode(), ec.ECDSA(SHA256()))
    tails = [
        "",
        tail[:-2],
        tail + "AA",
        tail + "=",
        b64url(signature[::-1]),
        b64url(bytes(64)),
        b64url(b"\x00" * 63 + b"\x01"),
        b64url(signature[:32] + bytes(32)),
        b64url(double),
        b64url(signature + b"\x00"),
        tail + "\n",
        tail.swapcase(),
    ]
    found = [f"{head}.{body}.{end}" for end in tails]
    found += [
        f"{signed_twice}.{b64url(_raw(double))}",
        f"{head}.{body}",
        f"{head}.{body}.{tail}.{tail}",
        f".{body}.{tail}",
    ]
    found += [f"{head}..{tail}", "..", "", ".", f"{head}.{body}.{tail} ", f" {head}.{body}.{tail}", "é.é.é"]
    deep = b64url(b"[" * 9000)
    found += [f"{deep}.{body}.{tail}", f"{head}.{deep}.{tail}", f"{head}.{b64url(b'{' * 9000)}.{tail}", "a" * 20_000]
    found += [signed(key, header, value) for value in ([], "text", 5, None, [claims])]
    return found
