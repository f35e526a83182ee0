"""oidc/checks/consent: whether the person agreed."""

from __future__ import annotations

import pytest

from idp.oidc.authorization import Authorization, Need
from idp.oidc.checks import consent
from idp.oidc.client import Client
from idp.oidc.errors import ConsentRequired, PageError
from idp.store.consents import ConsentRow
from tests.factories.oidc import PERSON, Provider


def _auth(provider: Provider, **changes: str) -> Authorization:
    with provider.unit.read() as stores:
        auth = Authorization(provider.server, provider.params(**changes), stores, provider.clock.now())
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    return auth


def _asking(provider: Provider, **changes: str) -> Authorization:
    provider.add_client(consent="ask")
    auth = _auth(provider, **changes)
    auth.scopes = ("openid",)
    (auth.session_or_none,) = provider.world.sessions.values()
    return auth


def test_even_the_bare_subject_is_asked_for(provider: Provider) -> None:
    assert consent.given(_asking(provider)) is Need.CONSENT


@pytest.mark.parametrize(("scopes", "need"), [(["openid"], None), (["openid", "email"], None), ([], Need.CONSENT)])
def test_a_wider_consent_is_enough(provider: Provider, scopes: list[str], need: Need | None) -> None:
    key = (PERSON, "textbooks", "membership-1")
    provider.world.consents[key] = ConsentRow(scopes, [], provider.clock.now())
    assert consent.given(_asking(provider)) is need


def test_the_schools_own_modules_do_not_ask(provider: Provider) -> None:
    auth = _asking(provider)
    provider.add_client(consent="implicit")
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    assert consent.given(auth) is None
    auth.prompts = frozenset(("consent",))
    assert consent.given(auth) is Need.CONSENT


def test_data_of_a_pupil_goes_nowhere_without_the_consent_that_the_school_asks_for(provider: Provider) -> None:
    auth = _asking(provider)
    assert consent.data_may_go(auth) is None
    provider.world.facts["lacks_data_consent"] = {(PERSON, "textbooks")}
    with pytest.raises(PageError) as shown:
        consent.data_may_go(auth)
    assert shown.value.code == "consent_missing"
    auth.prompts = frozenset(("none",))
    with pytest.raises(ConsentRequired):
        consent.data_may_go(auth)
    provider.add_client(consent="implicit")
    auth.client_or_none = Client(provider.world.clients["textbooks"])
    assert consent.data_may_go(auth) is None
