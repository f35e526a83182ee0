"""oidc/client_assertion: private_key_jwt, once, for us, for a short time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from idp.core.clock import epoch
from idp.jose import compact
from idp.jose.keyring import KeyRing, SigningKey
from idp.oidc.client_assertion import TYPE
from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidClient
from idp.oidc.request import EndpointRequest, collect
from tests.factories.oidc import ISSUER, Provider, key_of

_KEY = key_of("ES256", "vendor-key")
_SET = KeyRing([_KEY]).jwks()


@pytest.fixture
def provider() -> Provider:
    provider = Provider()
    provider.add_client("vendor", token_endpoint_auth_method="private_key_jwt", secret_hash="", jwks=_SET)
    return provider


def _assertion(
    provider: Provider, key: SigningKey = _KEY, typ: str = "JWT", drop: tuple[str, ...] = (), **changes: Any
) -> str:
    now = epoch(provider.clock.now())
    claims = {"iss": "vendor", "sub": "vendor", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "one"} | changes
    return compact.sign({name: value for name, value in claims.items() if name not in drop}, key, typ=typ)


def _auth(provider: Provider, assertion: str, **more: str) -> str:
    fields = {"client_assertion": assertion, "client_assertion_type": TYPE} | more
    return authenticate(provider.server, provider.unit, EndpointRequest(collect(list(fields.items())))).client_id


def test_a_right_assertion_is_enough_and_works_once(provider: Provider) -> None:
    assertion = _assertion(provider)
    assert _auth(provider, assertion) == "vendor"
    with pytest.raises(InvalidClient, match="used before"):
        _auth(provider, assertion)
    assert _auth(provider, _assertion(provider, jti="two"), client_id="vendor") == "vendor"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"},
        {"aud": f"{ISSUER}/oauth/token"},
        {"aud": [ISSUER]},
        {"aud": [ISSUER, "https://other.example"]},
        {"iss": "textbooks"},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 0},
        {"exp": 10**400},
        {"exp": 1e300},
        {"iat": "now"},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 300},
        {"drop": ("jti",)},
        {"drop": ("exp",)},
        {"drop": ("aud",)},
        {"typ": "at+jwt"},
        {"key": key_of("ES256", "key-of-mallory")},
    ],
)
def test_anything_wrong_in_it_is_refused(provider: Provider, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidClient):
        _auth(provider, _assertion(provider, **changes))


@pytest.mark.parametrize(("name", "ahead", "is_fine"), [("iat", 8, True), ("iat", 61, False), ("nbf", 61, False)])
def test_a_clock_may_be_a_little_ahead(provider: Provider, name: str, ahead: int, is_fine: bool) -> None:
    changes: dict[str, Any] = {name: epoch(provider.clock.now()) + ahead}
    assertion = _assertion(provider, **changes)
    if is_fine:
        assert _auth(provider, assertion)
    else:
        with pytest.raises(InvalidClient):
            _auth(provider, assertion)


def test_the_token_endpoint_is_an_audience_only_when_the_operator_says_so(provider: Provider) -> None:
    provider.add_client(
        "vendor",
        token_endpoint_auth_method="private_key_jwt",
        jwks=_SET,
        bilim_assertion_audience="token_endpoint",
    )
    assert _auth(provider, _assertion(provider, aud=f"{ISSUER}/oauth/token"))
    assert _auth(provider, _assertion(provider, aud=ISSUER, jti="two"))
    with pytest.raises(InvalidClient):
        _auth(provider, _assertion(provider, aud=f"{ISSUER}/oauth/revoke", jti="three"))


@pytest.mark.parametrize("fields", [{"client_assertion_type": "other"}, {"client_id": "textbooks"}])
def test_what_stands_beside_it_must_agree(provider: Provider, fields: dict[str, str]) -> None:
    with pytest.raises(InvalidClient):
        _auth(provider, _assertion(provider), **fields)


def test_a_rotated_key_is_fetched_once_for_its_unknown_kid(provider: Provider) -> None:
    uri = "https://vendor.example/jwks"
    provider.add_client("vendor", token_endpoint_auth_method="private_key_jwt", jwks_uri=uri)
    provider.client_keys.sets[uri] = KeyRing([key_of("ES256", "old-key")]).jwks()
    with pytest.raises(InvalidClient):
        _auth(provider, _assertion(provider))
    assert provider.client_keys.asked_afresh == 1
    provider.client_keys.fresh_sets[uri] = _SET
    assert _auth(provider, _assertion(provider))


def test_keys_that_cannot_be_had_are_no_server_error(provider: Provider) -> None:
    provider.add_client("vendor", token_endpoint_auth_method="private_key_jwt", jwks_uri="https://gone.example/jwks")
    with pytest.raises(InvalidClient, match="cannot be had"):
        _auth(provider, _assertion(provider))


def test_a_client_with_a_secret_cannot_use_an_assertion(provider: Provider) -> None:
    with pytest.raises(InvalidClient):
        _auth(provider, _assertion(provider, iss="textbooks", sub="textbooks"))


def test_an_assertion_without_a_subject_names_nobody(provider: Provider) -> None:
    broken: list[Callable[[], str]] = [
        lambda: _assertion(provider, drop=("sub",)),
        lambda: _assertion(provider, sub="a\x00"),
        lambda: "not a token",
    ]
    for make in broken:
        with pytest.raises(InvalidClient):
            _auth(provider, make())
