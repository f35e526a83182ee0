"""oidc/protected_resource: whose token opens an interface of ours."""

from __future__ import annotations

from typing import Any

import pytest

from idp.oidc import access_token
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientScope, InvalidRequest, InvalidToken
from idp.oidc.protected_resource import bearer, client_of, person_of, released
from tests.factories.oidc import PERSON, Provider

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


def test_a_person_is_let_in_while_everything_behind_the_token_stands(provider: Provider) -> None:
    provider.add_client(approved_scopes=["openid", "me"], consent="implicit", all_schools=True)
    token = provider.tokens(scope="openid me").access_token
    client, grant = person_of(provider.server, provider.unit, token, scope="me")
    assert (client.client_id, grant.person_id) == ("textbooks", PERSON)
    for _ in range(2):
        released(
            provider.server, provider.unit, client, grant, {PERSON: {"school", "name"}, "child": {"name"}, "x": ()}
        )
    told = [facts["claims"] for event, facts in provider.world.events if event == "claims_released"]
    assert told == [["name", "school"], ["name"]], "the same again is written once an hour"
    for scope in ("me:write", "openid profile"):
        with pytest.raises(InsufficientScope):
            person_of(provider.server, provider.unit, token, scope=scope)
    with pytest.raises(InsufficientScope):
        client_of(provider.server, provider.unit, token, scope="me")
    for changes in ({"consent": "ask"}, {"consent": "implicit", "all_schools": False}):
        row = provider.add_client(approved_scopes=["openid", "me"], **changes)
        with pytest.raises(InsufficientScope):
            person_of(provider.server, provider.unit, token, scope="me")
    own = access_token.for_client(provider.server, Client(row), scope="me", audience=provider.server.issuer)
    with pytest.raises(InsufficientScope):
        person_of(provider.server, provider.unit, own, scope="me")
    provider.world.grants.clear()
    with pytest.raises(InvalidToken):
        person_of(provider.server, provider.unit, token, scope="me")
    provider.add_client(approved_scopes=["openid", "me"], is_disabled=True)
    for _ in range(3):
        with pytest.raises(InvalidToken):
            person_of(provider.server, provider.unit, token, scope="me")
    denied = [facts["why"] for event, facts in provider.world.events if event == "api_denied"]
    assert denied == ["scope", "token_of_person", "not_own_app", "token_of_client", "ended", "client_off"]
