"""services/saml_door: what came without cookies is kept for the browser's second visit, once, if a service sent it."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.saml.errors import PageError
from idp.services.login import Visitor
from idp.services.saml_door import MAX_KEPT, MAX_KEPT_UNSIGNED
from tests.factories.saml_ground import HOST
from tests.factories.saml_house import SamlHouse, database_kind
from tests.idp.web.conftest import app

__all__ = ["app", "database_kind"]


def test_a_posted_form_is_kept_for_a_moment_and_given_back_once(app: Flask) -> None:
    house = SamlHouse(app)
    lms, door, clock = house.service("lms", 2), house.parts.saml_door, house.parts.clock
    fields = lms.by_post(lms.authn_request(destination=f"{HOST}/saml/sso"), relay_state="back")
    number = door.keep_form(fields)
    assert door.kept_form(number) == fields
    with pytest.raises(PageError):
        door.kept_form(number)
    with pytest.raises(PageError):
        door.keep_form([*fields, ("more", "x" * MAX_KEPT)])
    unsigned = lms.by_post(lms.authn_request(destination=f"{HOST}/saml/sso"), relay_state="back", is_signed=False)
    assert door.keep_form(unsigned)
    with pytest.raises(PageError):
        door.keep_form([*unsigned, ("more", "x" * MAX_KEPT_UNSIGNED)])
    unknown = [("SAMLRequest", lms.by_post(lms.authn_request(Version="1.1"))[0][1])]
    with pytest.raises(PageError):
        door.keep_form(unknown)
    late = door.keep_form(fields)
    clock.advance(minutes=6)  # type: ignore[attr-defined]
    with pytest.raises(PageError):
        door.kept_form(late)


def test_a_sign_on_by_soap_asks_for_credentials_and_a_logout_does_not(app: Flask) -> None:
    house = SamlHouse(app)
    lms, door = house.service("lms", 2), house.parts.saml_door
    visitor = Visitor("127.0.0.1", "ECP", "kk")
    request = lms.authn_request(destination=f"{HOST}/saml/soap", AssertionConsumerServiceIndex="2")
    assert door.answer_soap(lms.by_soap(request), visitor, None) is None
    heard = lms.enter(house.browser)
    out = lms.logout_request(heard.name_id, destination=f"{HOST}/saml/soap")
    answer = door.answer_soap(lms.by_soap(out), visitor, None)
    assert answer is not None
    assert b"status:Success" in answer
    assert (door.is_about_us(f"{HOST}/saml/metadata"), door.is_about_us("nobody")) == (True, False)
    assert b"Fault" in door.fault("no")
