"""oidc/checks/scope: what is asked for."""

from __future__ import annotations

import pytest

from idp.oidc.authorization import Authorization
from idp.oidc.checks import scope
from idp.oidc.client import Client
from idp.oidc.errors import InvalidScope, InvalidTarget
from idp.oidc.request import Params
from tests.factories.oidc import Provider


def _auth(provider: Provider, **changes: str) -> Authorization:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(**changes), stores, provider.clock.now())
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    return auth


def test_order_is_kept_and_doubles_go(provider: Provider) -> None:
    auth = _auth(provider, scope="profile openid profile")
    scope.approved(auth)
    assert auth.scopes == ("profile", "openid")


@pytest.mark.parametrize("asked", ["", " ", "iin", "unknown", "OpenID"])
def test_nothing_approved_is_an_error(provider: Provider, asked: str) -> None:
    with pytest.raises(InvalidScope):
        scope.approved(_auth(provider, scope=asked))


def test_each_resource_must_be_approved(provider: Provider) -> None:
    provider.add_client(resources=["https://a.example"])
    auth = _auth(provider)
    auth.params = Params(auth.params.values, ("https://a.example", "https://a.example"))
    scope.resources(auth)
    assert auth.resources == ("https://a.example",)
    auth.params = Params(auth.params.values, ("https://a.example", "https://b.example"))
    with pytest.raises(InvalidTarget):
        scope.resources(auth)
