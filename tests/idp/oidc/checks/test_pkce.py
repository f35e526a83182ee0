"""oidc/checks/pkce: the code is bound to who asked for it."""

from __future__ import annotations

import pytest

from idp.oidc.authorization import Authorization
from idp.oidc.checks import pkce
from idp.oidc.client import Client
from idp.oidc.errors import InvalidRequest
from tests.factories.oidc import Provider


def _auth(provider: Provider, **changes: str) -> Authorization:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(**changes), stores, provider.clock.now())
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    return auth


def test_a_challenge_is_kept(provider: Provider) -> None:
    auth = _auth(provider)
    pkce.challenge(auth)
    assert len(auth.code_challenge) == 43


@pytest.mark.parametrize("method", ["plain", "s256", "S512", ""])
def test_no_other_method_is_taken(provider: Provider, method: str) -> None:
    with pytest.raises(InvalidRequest):
        pkce.challenge(_auth(provider, code_challenge_method=method))


def test_a_method_without_a_challenge_is_a_mistake_even_for_legacy_clients(provider: Provider) -> None:
    provider.add_client(profile="legacy")
    with pytest.raises(InvalidRequest):
        pkce.challenge(_auth(provider, code_challenge=""))
    pkce.challenge(_auth(provider, code_challenge="", code_challenge_method=""))
