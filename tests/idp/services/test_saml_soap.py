"""services/saml_soap: an artifact is spent once, by its own service; a password is judged like any other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from idp.core.errors import Denied
from idp.saml.bindings import soap
from idp.saml.errors import PageError
from idp.services.login import Visitor
from idp.store import sessions
from tests.factories.saml_ground import HOST
from tests.factories.saml_house import SamlHouse, database_kind
from tests.idp.web.conftest import PASSWORD, app

__all__ = ["app", "database_kind"]

VISITOR = Visitor("127.0.0.1", "ECP", "kk")


def test_of_many_that_resolve_an_artifact_at_once_one_gets_the_message(app: Flask) -> None:
    house = SamlHouse(app)
    lms = house.service("lms", 2)
    house.browser.go(lms.address(AssertionConsumerServiceIndex="1"))
    text = parse_qs(urlsplit(house.browser.left_for).query)["SAMLart"][0]
    asks = [soap.read(lms.by_soap(lms.artifact_resolve(text))) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(house.parts.saml_door.soap.resolve, asks))
    assert sum(b":Response" in one for one in answers) == 1
    stranger = house.service("stranger", 1)
    house.parts.saml_providers.remove(stranger.client_id)
    with pytest.raises(PageError):
        house.parts.saml_door.soap.resolve(soap.read(stranger.by_soap(stranger.artifact_resolve(text))))


def test_nobody_is_asked_for_a_password_on_behalf_of_a_service_that_is_not_served(app: Flask) -> None:
    house = SamlHouse(app)
    lms = house.service("lms", 2)
    request = lms.authn_request(destination=f"{HOST}/saml/soap", AssertionConsumerServiceIndex="2")
    envelope = lms.by_soap(request)
    with pytest.raises(Denied):
        house.parts.saml_door.soap.sign_on(envelope, VISITOR, house.school.username, "wrong")
    answer = house.parts.saml_door.soap.sign_on(envelope, VISITOR, house.school.username, PASSWORD)
    assert b"status:Success" in answer
    house.parts.saml_providers.disable(lms.client_id)
    with pytest.raises(PageError) as refusal:
        house.parts.saml_door.soap.sign_on(envelope, VISITOR, house.school.username, "wrong")
    assert refusal.value.code == "client_disabled"


def test_an_artifact_is_not_resolved_for_a_service_that_is_switched_off_meanwhile(app: Flask) -> None:
    house = SamlHouse(app)
    lms = house.service("lms", 2)
    house.browser.go(lms.address(AssertionConsumerServiceIndex="1"))
    text = parse_qs(urlsplit(house.browser.left_for).query)["SAMLart"][0]
    house.parts.saml_providers.disable(lms.client_id)
    with pytest.raises(PageError) as refusal:
        house.parts.saml_door.soap.resolve(soap.read(lms.by_soap(lms.artifact_resolve(text))))
    assert refusal.value.code == "client_disabled"


def test_a_sign_on_that_comes_to_nothing_leaves_no_session_behind(app: Flask) -> None:
    house = SamlHouse(app)
    door, name = house.parts.saml_door.soap, house.school.username

    def sessions_open() -> int:
        with house.parts.uow.read() as tx:
            return len(sessions.open_of(tx, [house.school.person_id]))

    off = house.service("off", 1, schools=[])
    envelope = off.by_soap(off.authn_request(destination=f"{HOST}/saml/soap"))
    with pytest.raises(PageError) as refusal:
        door.sign_on(envelope, VISITOR, name, PASSWORD)
    assert (refusal.value.code, sessions_open()) == ("client_not_for_school", 1)
    lms = house.service("lms", 2, consent="ask")
    envelope = lms.by_soap(lms.authn_request(destination=f"{HOST}/saml/soap"))
    assert b"AuthnFailed" in door.sign_on(envelope, VISITOR, name, PASSWORD)
    assert sessions_open() == 1
    house.service("lms", 2, replace=True)
    envelope = lms.by_soap(lms.authn_request(destination=f"{HOST}/saml/soap"))
    assert b"status:Success" in door.sign_on(envelope, VISITOR, name, PASSWORD)
    assert sessions_open() == 2
