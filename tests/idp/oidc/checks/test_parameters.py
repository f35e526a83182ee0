"""oidc/checks/parameters: how the request is put."""

from __future__ import annotations

import pytest

from idp.oidc.authorization import Authorization
from idp.oidc.checks import parameters
from idp.oidc.client import Client
from idp.oidc.errors import InvalidRequest
from idp.oidc.request import collect
from tests.factories.oidc import Provider


def _auth(provider: Provider, **changes: str) -> Authorization:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(**changes), stores, provider.clock.now())
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    return auth


def test_state_and_mode_are_known_before_anything_is_refused(provider: Provider) -> None:
    auth = _auth(provider, response_mode="form_post")
    parameters.state_and_mode(auth)
    assert (auth.state, auth.response_mode) == ("the state", "form_post")


def test_a_repeated_state_is_not_echoed(provider: Provider) -> None:
    auth = _auth(provider)
    auth.params = collect([*auth.params.values.items(), ("state", "another"), ("response_mode", "query")])
    parameters.state_and_mode(auth)
    assert auth.state == ""


def test_an_overlong_state_is_not_echoed(provider: Provider) -> None:
    auth = _auth(provider, state="x" * 5000)
    with pytest.raises(InvalidRequest):
        parameters.state_and_mode(auth)
    assert auth.state == ""


@pytest.mark.parametrize(("value", "age"), [("", None), ("0", 0), ("10000", 10000)])
def test_max_age_is_a_number(provider: Provider, value: str, age: int | None) -> None:
    auth = _auth(provider, max_age=value)
    parameters.max_age(auth)
    assert auth.max_age == age


@pytest.mark.parametrize("value", ["1.5", "+1", "1e3", "٣", "9" * 12])
def test_what_only_looks_like_a_number_is_refused(provider: Provider, value: str) -> None:
    with pytest.raises(InvalidRequest):
        parameters.max_age(_auth(provider, max_age=value))
