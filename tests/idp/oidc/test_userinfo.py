"""oidc/userinfo: what is approved, asked for and still true."""

from __future__ import annotations

from typing import Any

import pytest

from idp.core.clock import FixedClock
from idp.oidc.errors import InsufficientScope, InvalidToken
from idp.oidc.userinfo import userinfo
from idp.store.consents import ConsentRow
from tests.factories.oidc import PERSON, Provider
from tests.idp.oidc.test_claims import PERSON_ROW


@pytest.fixture
def provider() -> Provider:
    provider = Provider()
    provider.world.facts["person"] = PERSON_ROW
    return provider


def _ask(provider: Provider, token: str) -> dict[str, Any]:
    return userinfo(provider.server, provider.unit, token)


def test_only_approved_claims_of_asked_scopes_are_released(provider: Provider) -> None:
    found = _ask(provider, provider.tokens(scope="openid profile").access_token)
    assert set(found) == {"sub", "name", "given_name"}
    assert found["sub"] == provider.server.subjects.sub("textbooks.example", PERSON)


def test_each_release_leaves_a_trace_with_names_and_no_values(provider: Provider) -> None:
    _ask(provider, provider.tokens().access_token)
    event, data = provider.world.events[-1]
    assert event == "claims_released"
    assert data["claims"] == ["given_name", "name"]
    assert "Айгерім" not in repr(data)


def test_a_token_for_another_audience_is_refused(provider: Provider) -> None:
    provider.add_client(resources=["https://canteen.example"])
    with pytest.raises(InvalidToken):
        _ask(provider, provider.tokens(resource="https://canteen.example").access_token)


def test_a_token_without_openid_is_not_enough(provider: Provider) -> None:
    with pytest.raises(InsufficientScope):
        _ask(provider, provider.tokens(scope="profile").access_token)


@pytest.mark.parametrize("gone", ["person", "membership", "session"])
def test_nothing_about_who_has_ended(provider: Provider, gone: str) -> None:
    token = provider.tokens().access_token
    (grant,) = provider.world.grants.values()
    provider.world.gone.add(grant[f"{gone}_id"])
    with pytest.raises(InvalidToken):
        _ask(provider, token)


def test_nothing_for_a_client_that_is_off(provider: Provider) -> None:
    token = provider.tokens().access_token
    provider.add_client(is_disabled=True)
    with pytest.raises(InvalidToken):
        _ask(provider, token)


def test_what_the_operator_took_back_is_gone_at_once(provider: Provider) -> None:
    token = provider.tokens().access_token
    provider.add_client(approved_claims=["name"])
    assert set(_ask(provider, token)) == {"sub", "name"}


def test_the_log_keeps_the_basis_of_each_release(provider: Provider) -> None:
    token = provider.tokens().access_token
    assert provider.world.events[-1][1]["basis"] == "contract"
    assert provider.world.events[-1][1]["claims"] == ["sub", "auth_time", "acr", "amr"]
    provider.add_client(all_schools=False)
    _ask(provider, token)
    assert provider.world.events[-1][1]["basis"] == "school"


def test_only_what_the_person_agreed_to_and_has_not_withdrawn(provider: Provider) -> None:
    token = provider.tokens().access_token
    provider.add_client(consent="ask")
    key = (PERSON, "textbooks", "membership-1")
    provider.world.consents[key] = ConsentRow(["openid", "profile"], ["given_name"], FixedClock().now(), "consent-1")
    assert set(_ask(provider, token)) == {"sub", "given_name"}
    event = provider.world.events[-1][1]
    assert (event["claims"], event["basis"], event["consent"]) == (["given_name"], "consent", "consent-1")
    del provider.world.consents[key]
    assert set(_ask(provider, token)) == {"sub"}
