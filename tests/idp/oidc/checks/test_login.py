"""oidc/checks/login: who is there, and since when, and how sure."""

from __future__ import annotations

import pytest

from idp.oidc.authorization import Authorization, Need
from idp.oidc.checks import login
from idp.oidc.client import Client
from idp.oidc.errors import LoginRequired
from tests.factories.oidc import Provider


def _auth(provider: Provider, **changes: str) -> Authorization:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(**changes), stores, provider.clock.now())
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    return auth


def _with_session(provider: Provider, **changes: str) -> Authorization:
    auth = _auth(provider, **changes)
    (auth.session_or_none,) = provider.world.sessions.values()
    return auth


def test_nobody_there_must_sign_in(provider: Provider) -> None:
    assert login.present(_auth(provider)) is Need.LOGIN
    assert login.present(_with_session(provider)) is None


def test_the_default_level_of_the_client_counts_when_none_is_asked(provider: Provider) -> None:
    provider.add_client(default_acr_values=["3"])
    auth = _with_session(provider)
    login.level_asked(auth)
    assert login.strong(auth) is Need.LOGIN
    auth = _with_session(provider, acr_values="1")
    login.level_asked(auth)
    assert login.strong(auth) is None


def test_the_wrong_person_after_a_fresh_sign_in_is_final(provider: Provider) -> None:
    auth = _with_session(provider)
    auth.hint_sub = "somebody else"
    assert login.as_hinted(auth) is Need.LOGIN
    auth.waiting_since = auth.session.auth_time
    with pytest.raises(LoginRequired):
        login.as_hinted(auth)
