"""oidc/protected_resource: whose token opens an interface of ours."""

from __future__ import annotations

from typing import Any

import pytest

from idp.oidc import access_token
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientScope, InvalidRequest, InvalidToken
from idp.oidc.protected_resource import bearer, client_of
from tests.factories.oidc import Provider

SCOPE = "signing:request"


def test_the_token_stands_in_the_header_and_nowhere_else() -> None:
    assert bearer("Bearer abc.def") == "abc.def"
    assert bearer("bearer  abc ") == "abc"
    for header in ("", "Bearer", "Bearer ", "Basic abc"):
        with pytest.raises(InvalidToken) as caught:
            bearer(header)
        assert caught.value.description == ""
    with pytest.raises(InvalidRequest):
        bearer("Bearer abc def")


def ask(provider: Provider, **changes: Any) -> Client:
    row = provider.add_client("module", approved_scopes=["openid", SCOPE])
    fields = {"scope": SCOPE, "audience": provider.server.issuer} | changes
    return client_of(
        provider.server,
        provider.unit,
        access_token.for_client(provider.server, Client(row), **fields),
        scope=SCOPE,
    )


def test_a_client_with_the_scope_is_let_in(provider: Provider) -> None:
    assert ask(provider).client_id == "module"


def test_a_token_for_another_or_without_the_scope_is_not(provider: Provider) -> None:
    with pytest.raises(InvalidToken):
        ask(provider, audience="https://elsewhere.example")
    with pytest.raises(InsufficientScope):
        ask(provider, scope="signing:requests other")
