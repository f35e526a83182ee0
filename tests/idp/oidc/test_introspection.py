"""oidc/introspection: told only to whom it concerns, and true at this moment."""

from __future__ import annotations

from typing import Any

import pytest

from idp.oidc.errors import InvalidClient, InvalidRequest
from idp.oidc.introspection import INACTIVE, introspect
from tests.factories.oidc import ISSUER, SECRET, Provider

_CANTEEN = "https://canteen.example"


def _ask(provider: Provider, token: str, client_id: str = "textbooks", secret: str = SECRET) -> dict[str, Any]:
    fields = {"token": token} if token else {}
    return introspect(provider.server, provider.unit, provider.call(client_id, secret, **fields))


def test_the_client_it_was_issued_to_learns_all(provider: Provider) -> None:
    found = _ask(provider, provider.tokens().access_token)
    assert found["active"] is True
    assert (found["client_id"], found["aud"], found["iss"]) == ("textbooks", ISSUER, ISSUER)
    assert (found["scope"], found["token_type"]) == ("openid profile", "Bearer")


def test_the_audience_learns_it_and_a_stranger_does_not(provider: Provider) -> None:
    provider.add_client(resources=[_CANTEEN])
    provider.add_client("canteen", resources=[_CANTEEN])
    provider.add_client("stranger")
    token = provider.tokens(resource=_CANTEEN).access_token
    assert _ask(provider, token, "canteen")["active"] is True
    assert _ask(provider, token, "stranger") == INACTIVE


@pytest.mark.parametrize("gone", ["person", "membership", "session"])
def test_what_ended_a_moment_ago_is_inactive_now(provider: Provider, gone: str) -> None:
    token = provider.tokens().access_token
    (grant,) = provider.world.grants.values()
    provider.world.gone.add(grant[f"{gone}_id"])
    assert _ask(provider, token) == INACTIVE


def test_expired_forged_and_foreign_tokens_are_inactive(provider: Provider) -> None:
    answer = provider.tokens()
    for token in (answer.id_token, answer.access_token[:-4] + "AAAA", "x", "a.b.c"):
        assert _ask(provider, token) == INACTIVE
    provider.clock.advance(minutes=10)
    assert _ask(provider, answer.access_token) == INACTIVE


def test_tokens_of_a_client_that_is_off_are_inactive(provider: Provider) -> None:
    provider.add_client("canteen", resources=[_CANTEEN])
    provider.add_client(resources=[_CANTEEN])
    token = provider.tokens(resource=_CANTEEN).access_token
    provider.add_client(resources=[_CANTEEN], is_disabled=True)
    assert _ask(provider, token, "canteen") == INACTIVE


def test_a_refresh_token_is_known_to_its_own_client(provider: Provider) -> None:
    provider.add_client("cabinet")
    token = provider.tokens().refresh_token
    found = _ask(provider, token)
    assert found["active"] is True
    assert "token_type" not in found
    assert _ask(provider, token, "cabinet") == INACTIVE
    provider.refresh(token)
    assert _ask(provider, token) == INACTIVE


def test_an_unused_refresh_token_becomes_inactive(provider: Provider) -> None:
    token = provider.tokens().refresh_token
    provider.clock.advance(days=30)
    assert _ask(provider, token) == INACTIVE


def test_nobody_asks_without_proving_who_they_are(provider: Provider) -> None:
    provider.add_client("app", token_endpoint_auth_method="none", secret_hash="")
    token = provider.tokens().access_token
    with pytest.raises(InvalidClient):
        _ask(provider, token, "app", "")
    with pytest.raises(InvalidClient):
        _ask(provider, token, secret="wrong")
    with pytest.raises(InvalidRequest):
        _ask(provider, "")
