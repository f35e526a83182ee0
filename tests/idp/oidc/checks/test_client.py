"""oidc/checks/client: who is asking."""

from __future__ import annotations

import pytest

from idp.oidc.authorization import Authorization
from idp.oidc.checks import client
from idp.oidc.client import Client
from idp.oidc.errors import PageError, UnauthorizedClient
from tests.factories.oidc import Provider


def _auth(provider: Provider, **changes: str) -> Authorization:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(**changes), stores, provider.clock.now())
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    return auth


def test_a_known_client_is_remembered(provider: Provider) -> None:
    auth = _auth(provider)
    auth.client_or_none = None
    client.known(auth)
    assert auth.client.client_id == "textbooks"


def test_an_unknown_one_is_shown(provider: Provider) -> None:
    with pytest.raises(PageError):
        client.known(_auth(provider, client_id="nobody"))


def test_the_code_flow_must_be_registered(provider: Provider) -> None:
    provider.add_client(response_types=["none"])
    with pytest.raises(UnauthorizedClient):
        client.may_use_code(_auth(provider))
