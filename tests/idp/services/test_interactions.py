"""services/interactions: who asks, for the pages that ask the person."""

from __future__ import annotations

from idp.oidc.authorization import Interact
from idp.services.interactions import Interactions
from tests.factories.oidc import BROWSER, Provider


def _waiting(provider: Provider) -> str:
    answer = provider.authorize(cookie="", login_hint="buffy@host", ui_locales="ru kk", acr_values="3")
    assert isinstance(answer, Interact)
    return answer.interaction_id


def test_the_page_learns_who_asks_and_what_they_hinted() -> None:
    provider = Provider()
    provider.add_client(**{"client_name#ru": "Учебники", "client_uri": "https://textbooks.example"})
    interactions = Interactions(provider.unit, provider.clock)
    found = interactions.get(_waiting(provider), BROWSER, language="ru")
    assert found
    assert (found.login_hint, found.ui_locales, found.acr_values) == ("buffy@host", "ru kk", ("3",))
    assert (found.client.name, found.client.homepage) == ("Учебники", "https://textbooks.example")
    assert found.redirect_origin == "https://textbooks.example"
    assert found.params["state"] == "the state"
    assert found.created_at == provider.clock.now()


def test_another_browser_and_another_hour_learn_nothing() -> None:
    provider = Provider()
    interactions = Interactions(provider.unit, provider.clock)
    interaction_id = _waiting(provider)
    assert interactions.get(interaction_id, "another") is None
    assert interactions.get("made up", BROWSER) is None
    provider.clock.advance(hours=1)
    assert interactions.get(interaction_id, BROWSER) is None


def test_a_client_that_is_gone_asks_no_more() -> None:
    provider = Provider()
    interaction_id = _waiting(provider)
    provider.world.clients.clear()
    assert Interactions(provider.unit, provider.clock).get(interaction_id, BROWSER) is None
