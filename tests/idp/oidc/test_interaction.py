"""oidc/interaction: kept on the server, for one browser, for an hour."""

from __future__ import annotations

import pytest

from idp.oidc import interaction
from idp.oidc.authorization import Interact
from idp.oidc.errors import PageError
from tests.factories.oidc import BROWSER, Provider


def _keep(provider: Provider) -> str:
    params = provider.params(acr_values="2 3", login_hint="aigerim")
    answer = provider.authorize(type(params)(params.values, ("https://id.example",)), cookie="")
    assert isinstance(answer, Interact)
    return answer.interaction_id


def test_the_request_comes_back_as_it_was(provider: Provider) -> None:
    with provider.unit.read() as stores:
        waiting = interaction.load(stores.one_time, _keep(provider), BROWSER, now=provider.clock.now())
    assert dict(waiting.params)["login_hint"] == "aigerim"
    assert ("resource", "https://id.example") in waiting.params
    assert (waiting.client_id, waiting.acr_values) == ("textbooks", ("2", "3"))
    assert waiting.created_at == provider.clock.now()


@pytest.mark.parametrize("browser", ["", "another"])
def test_another_browser_gets_nothing(provider: Provider, browser: str) -> None:
    with provider.unit.read() as stores, pytest.raises(PageError):
        interaction.load(stores.one_time, _keep(provider), browser, now=provider.clock.now())


@pytest.mark.parametrize("made_up", ["", "x", "x" * 5000])
def test_a_made_up_id_gets_nothing(provider: Provider, made_up: str) -> None:
    with provider.unit.read() as stores, pytest.raises(PageError):
        interaction.load(stores.one_time, made_up, BROWSER, now=provider.clock.now())
