"""oidc/revocation: a client gives a token back."""

from __future__ import annotations

import pytest

from idp.oidc.errors import InvalidGrant, InvalidRequest, InvalidToken, UnauthorizedClient
from idp.oidc.revocation import revoke
from idp.oidc.userinfo import userinfo
from tests.factories.oidc import Provider


def _give_back(provider: Provider, token: str, client_id: str = "textbooks") -> None:
    revoke(provider.server, provider.unit, provider.call(client_id, token=token))


def test_a_refresh_token_takes_its_family_along(provider: Provider) -> None:
    answer = provider.tokens()
    _give_back(provider, answer.refresh_token)
    with pytest.raises(InvalidGrant):
        provider.refresh(answer.refresh_token)
    with pytest.raises(InvalidToken):
        userinfo(provider.server, provider.unit, answer.access_token)
    assert provider.world.event_names()[-1] == "token_revoked"


def test_an_access_token_goes_alone(provider: Provider) -> None:
    answer = provider.tokens()
    _give_back(provider, answer.access_token)
    with pytest.raises(InvalidToken):
        userinfo(provider.server, provider.unit, answer.access_token)
    fresh = provider.refresh(answer.refresh_token)
    assert userinfo(provider.server, provider.unit, fresh.access_token)


@pytest.mark.parametrize("token", ["x", "a.b.c", "A" * 86])
def test_what_is_unknown_counts_as_revoked(provider: Provider, token: str) -> None:
    _give_back(provider, token)
    assert provider.world.events == []


def test_another_clients_token_stays_as_it_is(provider: Provider) -> None:
    provider.add_client("cabinet")
    answer = provider.tokens()
    for token in (answer.refresh_token, answer.access_token):
        with pytest.raises(UnauthorizedClient):
            _give_back(provider, token, "cabinet")
    assert provider.refresh(answer.refresh_token)
    with pytest.raises(InvalidRequest):
        revoke(provider.server, provider.unit, provider.call())
