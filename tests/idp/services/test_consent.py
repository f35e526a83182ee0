"""services/consent: the very values, and an answer remembered."""

from __future__ import annotations

from typing import Any

import pytest

from idp.core.clock import FixedClock
from idp.oidc.authorization import Interact, Need, Redirect
from idp.oidc.authorize import authorize
from idp.oidc.errors import PageError
from idp.services import scope
from idp.services.consent import Consents
from idp.store import audit
from idp.store.oidc import OidcStores
from idp.store.session import UnitOfWork
from tests.factories.oidc import BROWSER, COOKIE, Provider
from tests.factories.rows import add_membership, add_person, add_school
from tests.idp.store.test_grants import add_client, add_session


class House:
    """The service on real stores; the provider lends its keys and parameters."""

    def __init__(self, uow: UnitOfWork, clock: FixedClock) -> None:
        from idp.core.ids import fingerprint

        self.uow = uow
        self.provider = Provider()
        self.provider.clock = clock
        self.provider.server.clock = clock
        self.stores = OidcStores(uow, scope.of_person)
        self.consents = Consents(uow, self.stores, self.provider.server, clock)
        with uow.write() as tx:
            claims = ["name", "email", "email_verified", "school", "roles", "address"]
            scopes = ["openid", "profile", "email", "school", "roles", "address", "offline_access"]
            add_client(tx, clock, consent="ask", approved_claims=claims, approved_scopes=scopes)
            fields: dict[str, Any] = {"claims": {"address": {"locality": "Алматы", "country": "KZ"}}}
            self.person = add_person(
                tx, family_name="Оспанова", given_name="Айгерім", email="a@school.example", **fields
            )
            self.membership = add_membership(tx, self.person, add_school(tx, "№ 12"), "pupil")
            add_session(tx, self.person, clock, token_hash=fingerprint(COOKIE), membership_id=self.membership)

    def ask(self, interaction_id: str = "", **changes: str) -> Any:
        params = self.provider.params(**changes)
        return authorize(
            self.provider.server,
            self.stores,
            params,
            session_token=COOKIE,
            browser=BROWSER,
            interaction_id=interaction_id,
        )


@pytest.fixture
def house(uow: UnitOfWork, clock: FixedClock) -> House:
    return House(uow, clock)


def test_the_page_shows_the_very_values(house: House) -> None:
    asked = house.ask(scope="openid profile email school roles address offline_access")
    assert isinstance(asked, Interact)
    assert asked.need is Need.CONSENT
    page = house.consents.page(asked.interaction_id, session_token=COOKIE, browser=BROWSER)
    assert page.person == {"name": "Оспанова Айгерім"}
    assert page.membership == {"role": "pupil", "school": "№ 12"}
    assert page.offline
    assert {row["key"]: row["values"] for row in page.values} == {
        "name": ["Оспанова Айгерім"],
        "email": ["a@school.example"],
        "email_verified": ["false"],
        "address": ["Алматы, KZ"],
        "school": ["№ 12"],
        "roles": ["pupil"],
    }
    assert (page.client["name"], page.client["owner"]) == ("Оқулықтар", "Атамұра")


def test_an_answer_is_remembered_until_more_is_wanted(house: House) -> None:
    asked = house.ask()
    house.consents.allow(asked.interaction_id, session_token=COOKIE, browser=BROWSER)
    assert isinstance(house.ask(asked.interaction_id), Redirect)
    assert isinstance(house.ask(), Redirect)
    assert isinstance(house.ask(scope="openid profile school"), Interact)
    with house.uow.read() as tx:
        events = [event.event for event in audit.of_person(tx, house.person)]
    assert "consent_given" in events


def test_a_refusal_is_noted_and_nothing_is_remembered(house: House) -> None:
    asked = house.ask()
    house.consents.note_refusal(asked.interaction_id, session_token=COOKIE, browser=BROWSER)
    assert isinstance(house.ask(), Interact)
    with house.uow.read() as tx:
        assert [event.event for event in audit.of_person(tx, house.person)] == ["consent_refused"]


@pytest.mark.parametrize(("cookie", "browser"), [("", BROWSER), ("another", BROWSER), (COOKIE, "another")])
def test_nobody_answers_for_somebody_else(house: House, cookie: str, browser: str) -> None:
    asked = house.ask()
    for step in (house.consents.page, house.consents.allow, house.consents.note_refusal):
        with pytest.raises(PageError) as caught:
            step(asked.interaction_id, session_token=cookie, browser=browser)
        assert caught.value.code == "link_expired"
