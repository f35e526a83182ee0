"""jose/client_keys: foreign key sets are untrusted input."""

from __future__ import annotations

from typing import Any

import pytest

from idp.jose import compact
from idp.jose.client_keys import check_jwks, verify_with
from idp.jose.errors import BadKey, BadToken, UnknownKey
from idp.jose.keyring import KeyRing
from tests.factories.oidc import key_of

_KEY = key_of("ES256", "client-key")
_SET = KeyRing([_KEY]).jwks()
_TOKEN = compact.read(compact.sign({"sub": "a"}, _KEY, typ="JWT"), typ=("jwt",))


def test_a_registered_key_verifies() -> None:
    check_jwks(_SET)
    assert verify_with(_TOKEN, _SET, algs=("ES256",)) == {"sub": "a"}


def test_a_key_without_kid_is_tried() -> None:
    jwk = {name: value for name, value in _SET["keys"][0].items() if name != "kid"}
    assert verify_with(_TOKEN, {"keys": [jwk]}, algs=("ES256",))


def test_an_unknown_kid_is_told_apart_from_a_wrong_signature() -> None:
    other = KeyRing([key_of("ES256", "other")]).jwks()
    with pytest.raises(UnknownKey):
        verify_with(_TOKEN, other, algs=("ES256",))
    impostor = {"keys": [other["keys"][0] | {"kid": "client-key"}]}
    with pytest.raises(BadToken) as caught:
        verify_with(_TOKEN, impostor, algs=("ES256",))
    assert not isinstance(caught.value, UnknownKey)


def test_only_the_registered_algorithm_counts() -> None:
    with pytest.raises(BadToken):
        verify_with(_TOKEN, _SET, algs=("RS256",))


@pytest.mark.parametrize("change", [{"use": "enc"}, {"alg": "ES512"}, {"crv": "P-384"}, {"kty": "oct", "k": "AAAA"}])
def test_a_key_for_something_else_is_passed_over(change: dict[str, str]) -> None:
    with pytest.raises(UnknownKey):
        verify_with(_TOKEN, {"keys": [_SET["keys"][0] | change]}, algs=("ES256",))


@pytest.mark.parametrize(
    "jwks",
    [
        None,
        [],
        {},
        {"keys": {}},
        {"keys": []},
        {"keys": ["x"]},
        {"keys": [{"kty": "oct", "k": "AAAA"}]},
        {"keys": [_SET["keys"][0] | {"d": "AAAA"}]},
        {"keys": [_SET["keys"][0], _SET["keys"][0]]},
        {"keys": [_SET["keys"][0] | {"kid": str(n)} for n in range(30)]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": 7, "y": 8}]},
        {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]},
        {"keys": [{"kty": "RSA", "n": "A" * 100_000, "e": "AQAB"}]},
    ],
)
def test_a_set_that_cannot_be_used_is_refused(jwks: Any) -> None:
    with pytest.raises(BadKey):
        check_jwks(jwks)
