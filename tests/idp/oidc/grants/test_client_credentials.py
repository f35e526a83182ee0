"""oidc/grants/client_credentials: a client for itself, with no person in the token."""

from __future__ import annotations

import pytest

from idp.jose import compact
from idp.oidc import access_token
from idp.oidc.errors import InsufficientScope, InvalidScope, InvalidTarget, OidcError, UnauthorizedClient
from idp.oidc.token import token
from idp.oidc.token_answer import TokenAnswer
from idp.oidc.userinfo import userinfo
from tests.factories.oidc import ISSUER, SECRET, Provider

_FEED = "https://id.example/api/v1"


@pytest.fixture
def provider() -> Provider:
    provider = Provider()
    provider.add_client(
        "canteen", grant_types=["client_credentials"], approved_scopes=["openid", "feed:people"], resources=[_FEED]
    )
    return provider


def _ask(provider: Provider, client_id: str = "canteen", secret: str = SECRET, **fields: str) -> TokenAnswer:
    request = provider.call(client_id, secret, grant_type="client_credentials", **fields)
    return token(provider.server, provider.unit, request)


def test_the_subject_is_the_client(provider: Provider) -> None:
    answer = _ask(provider)
    claims = compact.read(answer.access_token, typ=("at+jwt",)).unverified_claims
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("canteen", "canteen", _FEED)
    assert answer.scope == "feed:people"
    assert "id_token" not in answer.as_json()
    assert "refresh_token" not in answer.as_json()
    assert access_token.read(provider.server, answer.access_token).grant_id == ""
    assert provider.world.event_names() == ["tokens_issued"]


@pytest.mark.parametrize("scope", ["openid", "feed:cards", "feed:people openid"])
def test_scopes_of_people_and_scopes_not_approved_are_refused(provider: Provider, scope: str) -> None:
    with pytest.raises(InvalidScope):
        _ask(provider, scope=scope)


def test_the_resource_must_be_approved(provider: Provider) -> None:
    assert _ask(provider, resource=ISSUER)
    with pytest.raises(InvalidTarget):
        _ask(provider, resource="https://elsewhere.example")


def test_a_public_client_cannot(provider: Provider) -> None:
    provider.add_client("app", grant_types=["client_credentials"], token_endpoint_auth_method="none", secret_hash="")
    with pytest.raises(UnauthorizedClient):
        _ask(provider, "app", "")


def test_a_client_that_did_not_register_it_cannot(provider: Provider) -> None:
    with pytest.raises(UnauthorizedClient):
        _ask(provider, "textbooks")


def test_its_token_opens_no_userinfo(provider: Provider) -> None:
    answer = _ask(provider, resource=ISSUER)
    with pytest.raises(InsufficientScope):
        userinfo(provider.server, provider.unit, answer.access_token)


def test_a_wrong_secret_leaves_only_a_trace(provider: Provider) -> None:
    with pytest.raises(OidcError):
        _ask(provider, secret="wrong")
    assert provider.world.event_names() == ["client_auth_failed"]
