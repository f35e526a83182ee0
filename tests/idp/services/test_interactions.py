"""services/interactions: who asks, for the pages that ask the person."""

from __future__ import annotations

from flask import Flask

from idp.oidc.authorization import Interact
from idp.services.interactions import Interactions, is_saml
from idp.store.session import UnitOfWork, open_engine
from tests.factories.oidc import BROWSER, Provider
from tests.factories.saml_house import SamlHouse
from tests.idp.web.conftest import app

__all__ = ["app"]

UNUSED = UnitOfWork(open_engine("sqlite://"))
"""Only what waits for SAML is read from the tables directly."""


def _waiting(provider: Provider) -> str:
    answer = provider.authorize(cookie="", login_hint="buffy@host", ui_locales="ru kk", acr_values="3")
    assert isinstance(answer, Interact)
    return answer.interaction_id


def test_the_page_learns_who_asks_and_what_they_hinted() -> None:
    provider = Provider()
    provider.add_client(**{"client_name#ru": "Учебники", "client_uri": "https://textbooks.example"})
    interactions = Interactions(UNUSED, provider.unit, provider.clock)
    found = interactions.get(_waiting(provider), BROWSER, language="ru")
    assert found
    assert (found.login_hint, found.ui_locales, found.acr_values) == ("buffy@host", "ru kk", ("3",))
    assert (found.client.name, found.client.homepage) == ("Учебники", "https://textbooks.example")
    assert found.redirect_origin == "https://textbooks.example"
    assert found.params["state"] == "the state"
    assert found.created_at == provider.clock.now()


def test_another_browser_and_another_hour_learn_nothing() -> None:
    provider = Provider()
    interactions = Interactions(UNUSED, provider.unit, provider.clock)
    interaction_id = _waiting(provider)
    assert interactions.get(interaction_id, "another") is None
    assert interactions.get("made up", BROWSER) is None
    provider.clock.advance(hours=1)
    assert interactions.get(interaction_id, BROWSER) is None


def test_a_client_that_is_gone_asks_no_more() -> None:
    provider = Provider()
    interaction_id = _waiting(provider)
    provider.world.clients.clear()
    assert Interactions(UNUSED, provider.unit, provider.clock).get(interaction_id, BROWSER) is None


def test_a_sign_on_of_saml_shows_who_asks_and_whether_a_new_sign_in_is_wanted(app: Flask) -> None:
    house = SamlHouse(app)
    lms = house.service("lms", 2)
    house.browser.go(lms.address(ForceAuthn="true"))
    interaction_id = house.browser.page.request.args["i"]
    with house.browser.client.session_transaction() as kept:
        browser = kept["browser"]
    parts = house.parts
    interactions = Interactions(parts.uow, parts.oidc_stores, parts.clock)
    found = interactions.get(interaction_id, browser, language="ru")
    assert found
    assert is_saml(found.id)
    assert (found.client.name, found.params, found.redirect_origin) == (
        "Площадка", {"prompt": "login"}, "https://lms.example",
    )  # fmt: skip
    assert interactions.get(interaction_id, "another") is None
    assert interactions.get("saml.made-up", browser) is None
