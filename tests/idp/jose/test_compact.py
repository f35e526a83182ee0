"""jose/compact: what a token may look like, and what it may never talk us into."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.core.ids import b64url
from idp.jose import compact
from idp.jose.errors import BadToken
from tests.factories.oidc import key_of

_KEY = key_of("ES256")
_GOOD = compact.sign({"sub": "a"}, _KEY, typ="JWT")


def _token(header: dict[str, Any] | bytes, body: bytes = b'{"sub":"a"}', tail: bytes = b"x" * 64) -> str:
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    return ".".join(b64url(part) for part in (head, body, tail))


def test_what_we_sign_we_believe() -> None:
    token = compact.read(_GOOD, typ=("jwt",))
    assert (token.kid, token.alg) == (_KEY.kid, "ES256")
    assert compact.verify(token, _KEY.public_key, alg="ES256") == {"sub": "a"}


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": ["ES256"]},
        {},
        {"alg": "ES256", "jwk": {"kty": "EC"}},
        {"alg": "ES256", "jku": "https://evil.example/keys"},
        {"alg": "ES256", "x5c": ["AAAA"]},
        {"alg": "ES256", "x5u": "https://evil.example/cert"},
        {"alg": "ES256", "crit": ["exp"]},
        {"alg": "ES256", "crit": []},
        {"alg": "ES256", "b64": False},
        {"alg": "ES256", "zip": "DEF"},
        {"alg": "ES256", "enc": "A128GCM"},
        {"alg": "ES256", "kid": 7},
        {"alg": "ES256", "typ": 7},
        {"alg": "ES256", "typ": "at+jwt"},
    ],
)
def test_a_forbidden_header_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        compact.read(_token({"typ": "JWT"} | header), typ=("jwt",))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c.d",
        _GOOD + "=",
        _GOOD + " ",
        " " + _GOOD,
        _GOOD.replace(".", "..", 1),
        _GOOD + "ә",
        "x" * 20_000,
        _token(b'{"alg":"ES256","alg":"none","typ":"JWT"}'),
        _token({"alg": "ES256", "typ": "JWT"}, b'{"sub":"a","sub":"b"}'),
        _token({"alg": "ES256", "typ": "JWT"}, b"[]"),
        _token({"alg": "ES256", "typ": "JWT"}, b'{"exp":NaN}'),
        _token({"alg": "ES256", "typ": "JWT"}, b"\xff"),
        _token({"alg": "ES256", "typ": "JWT"}, b"[" * 9_000),
    ],
)
def test_a_malformed_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        compact.read(token, typ=("jwt",))


@pytest.mark.parametrize("prefix", [b"", b"\n"])
def test_a_public_key_is_no_shared_secret(prefix: bytes) -> None:
    pem = prefix + key_of("RS256").public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signing_input = _token({"alg": "HS256", "typ": "JWT"}).rpartition(".")[0]
    tail = hmac.new(pem, signing_input.encode(), hashlib.sha256).digest()
    with pytest.raises(BadToken):
        compact.read(f"{signing_input}.{b64url(tail)}", typ=("jwt",))


def test_the_caller_pins_the_algorithm() -> None:
    token = compact.read(_GOOD, typ=("jwt",))
    with pytest.raises(BadToken):
        compact.verify(token, _KEY.public_key, alg="RS256")
    with pytest.raises(BadToken):
        compact.verify(token, key_of("RS256").public_key, alg="ES256")
    with pytest.raises(BadToken):
        compact.verify(token, key_of("ES256", "another").public_key, alg="ES256")


def test_a_media_type_may_be_written_out() -> None:
    token = compact.sign({}, _KEY, typ="application/at+JWT")
    assert compact.read(token, typ=("at+jwt",))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(_GOOD) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_changed_character_goes_unnoticed(at: int, letter: str) -> None:
    changed = _GOOD[:at] + letter + _GOOD[at + 1 :]
    if changed == _GOOD:
        return
    with pytest.raises(BadToken):
        compact.verify(compact.read(changed, typ=("jwt",)), _KEY.public_key, alg="ES256")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(BadToken):
        compact.read(text, typ=("jwt", ""))
