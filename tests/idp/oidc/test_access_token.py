"""oidc/access_token: what is accepted as one."""

from __future__ import annotations

from typing import Any

import pytest

from idp.jose import compact
from idp.oidc import access_token
from idp.oidc.errors import InvalidToken
from tests.factories.oidc import ISSUER, Provider, key_of


def _claims(provider: Provider) -> dict[str, Any]:
    return dict(compact.read(provider.tokens().access_token, typ=("at+jwt",)).unverified_claims)


def test_it_carries_the_grant_and_one_audience(provider: Provider) -> None:
    token = access_token.read(provider.server, provider.tokens().access_token)
    assert token.grant_id in provider.world.grants
    assert (token.audience, token.client_id, token.scope) == (ISSUER, "textbooks", "openid profile")
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"} <= set(token.claims)


def test_it_ends_after_ten_minutes(provider: Provider) -> None:
    text = provider.tokens().access_token
    provider.clock.advance(seconds=599)
    assert access_token.read(provider.server, text)
    provider.clock.advance(seconds=1)
    with pytest.raises(InvalidToken):
        access_token.read(provider.server, text)


@pytest.mark.parametrize("typ", ["JWT", "logout+jwt", ""])
def test_a_token_of_another_type_is_refused(provider: Provider, typ: str) -> None:
    with pytest.raises(InvalidToken):
        access_token.read(provider.server, compact.sign(_claims(provider), key_of("ES256"), typ=typ))


def test_the_key_must_be_ours_and_of_the_one_algorithm(provider: Provider) -> None:
    for key in (key_of("ES256", "key-of-mallory"), key_of("RS256")):
        with pytest.raises(InvalidToken):
            access_token.read(provider.server, compact.sign(_claims(provider), key, typ="at+jwt"))


@pytest.mark.parametrize("changes", [{"iss": "https://other.example"}, {"jti": "short"}, {"jti": "!"}])
def test_odd_claims_are_refused(provider: Provider, changes: dict[str, str]) -> None:
    text = compact.sign(_claims(provider) | changes, key_of("ES256"), typ="at+jwt")
    with pytest.raises(InvalidToken):
        access_token.read(provider.server, text)
