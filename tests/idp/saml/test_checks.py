"""saml/checks: each rule by itself, in the order of the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from idp.core import levels
from idp.core.ids import new_id
from idp.saml import names
from idp.saml.entity import AttributeService, RequestedAttribute, Settings
from idp.saml.errors import PageError
from idp.saml.names import q
from idp.saml.sign_on import Interact, Need
from idp.store.consents import ConsentRow
from idp.xml.build import element
from idp.xml.parser import Element
from tests.factories.saml_answers import MEMBERSHIP, PERSON
from tests.factories.saml_sign_on import COOKIE, SignOnGround, message, status


@pytest.fixture
def ground() -> SignOnGround:
    return SignOnGround()


def context(*classes: str, comparison: str = "exact") -> Element:
    refs = [element(q(names.SAML, "AuthnContextClassRef"), None, one) for one in classes]
    return element(q(names.SAMLP, "RequestedAuthnContext"), {"Comparison": comparison}, *refs)


def _need(ground: SignOnGround, *content: Element, **attributes: Any) -> Need:
    answer = ground.ask(ground.received(*content, **attributes))
    assert isinstance(answer, Interact), answer
    return answer.need


def _code(ground: SignOnGround, *content: Element, **attributes: Any) -> str:
    with pytest.raises(PageError) as refusal:
        ground.ask(ground.received(*content, **attributes))
    return refusal.value.code


def test_a_service_is_served_to_its_last_day_and_while_its_metadata_holds(ground: SignOnGround) -> None:
    today = ground.clock.now().date()
    ground.register(end_date=today)
    assert status(ground.ask()) == "Success"
    for changes in (
        {"end_date": today - timedelta(days=1)},
        {"is_disabled": True},
        {"provider": replace(ground.sp.provider, valid_until=ground.clock.now())},
    ):
        ground.register(**changes)
        assert _code(ground) == "client_disabled"
    ground.register(end_date=date(2099, 1, 1))
    assert status(ground.ask()) == "Success"


def test_an_unsigned_request_is_refused_where_metadata_or_operator_want_signatures(ground: SignOnGround) -> None:
    assert status(ground.ask(ground.received(is_signed=False))) == "Success"
    ground.register(settings=Settings(must_sign_requests=True))
    with pytest.raises(PageError):
        ground.ask(ground.received(is_signed=False))
    ground.register(provider=ground.sp.metadata(signs_requests=True))
    with pytest.raises(PageError):
        ground.ask(ground.received(is_signed=False))


def test_a_subject_that_the_service_chose_is_refused_in_so_many_words(ground: SignOnGround) -> None:
    name_id = element(q(names.SAML, "NameID"), None, "somebody")
    subject = element(q(names.SAML, "Subject"), None, name_id)
    assert status(ground.ask(ground.received(subject))) == "RequestUnsupported"


def test_a_binding_that_the_address_does_not_have_is_refused(ground: SignOnGround) -> None:
    wrong: dict[str, Any] = {
        "AssertionConsumerServiceURL": "https://lms.example/acs",
        "ProtocolBinding": names.ARTIFACT,
    }
    assert status(ground.ask(ground.received(**wrong))) == "UnsupportedBinding"


def test_force_authn_wants_a_sign_in_after_the_request(ground: SignOnGround) -> None:
    ground.clock.advance(seconds=1)
    waits = ground.ask(ForceAuthn="true")
    assert isinstance(waits, Interact)
    assert ground.resume(waits.interaction_id) == waits
    ground.clock.advance(seconds=1)
    ground.sign_in()
    assert status(ground.resume(waits.interaction_id)) == "Success"


def test_the_operators_floor_holds_beside_what_the_request_asks(ground: SignOnGround) -> None:
    ground.register(settings=Settings(acr=levels.MFA))
    assert _need(ground) is Need.LOGIN
    assert _need(ground, context(names.CONTEXT_PPT)) is Need.LOGIN
    ground.sign_in(acr=levels.MFA)
    assert status(ground.ask()) == "Success"
    assert status(ground.ask(ground.received(context("urn:made:up")))) == "NoAuthnContext"


def test_a_level_that_a_new_sign_in_did_not_reach_is_told(ground: SignOnGround) -> None:
    waits = ground.ask(ground.received(context(names.CONTEXT_MFA)))
    assert isinstance(waits, Interact)
    ground.clock.advance(seconds=1)
    ground.sign_in()
    assert status(ground.resume(waits.interaction_id)) == "NoAuthnContext"


def test_the_school_decides_and_a_passive_request_does_not_hear_who_is_signed_in(ground: SignOnGround) -> None:
    for session, record in (
        ({"is_client_on": False}, {"all_schools": False}),
        ({"is_client_on": False, "is_client_off": True}, {"all_schools": True}),
    ):
        ground.register(**record)
        ground.sign_in(**session)
        assert _code(ground) == "client_not_for_school"
        told, nobody = (ground.ask(cookie=cookie, IsPassive="true") for cookie in (COOKIE, ""))
        assert status(told) == "NoPassive"
        assert message(told).findtext(".//{*}StatusMessage") == message(nobody).findtext(".//{*}StatusMessage")
    ground.register(all_schools=False)
    ground.sign_in(is_client_on=True)
    assert status(ground.ask()) == "Success"


def test_no_data_go_where_the_school_asks_for_a_consent_that_nobody_gave(ground: SignOnGround) -> None:
    ground.world.facts["lacks_data_consent"] = [(PERSON, "lms")]
    assert status(ground.ask()) == "Success"
    ground.register(consent="ask")
    assert _code(ground) == "consent_missing"
    assert status(ground.ask(IsPassive="true")) == "NoPassive"


def test_the_person_is_asked_once_and_again_for_more(ground: SignOnGround) -> None:
    ground.register(consent="ask")
    assert _need(ground) is Need.CONSENT
    assert status(ground.ask(IsPassive="true")) == "NoPassive"
    given = ConsentRow(["saml"], ["mail"], ground.clock.now(), new_id())
    ground.world.consents[PERSON, "lms", MEMBERSHIP] = given
    assert status(ground.ask()) == "Success"
    ground.register(consent="ask", approved_attributes=("mail", "uid"))
    assert _need(ground) is Need.CONSENT
    ground.sign_in(withheld=("uid",))
    assert status(ground.ask()) == "Success"


def test_a_name_that_tells_an_address_or_a_username_needs_consent_as_an_attribute_does(ground: SignOnGround) -> None:
    """An index that asks for no attribute, and a NameID of the address: nobody was asked about the address."""
    nothing = AttributeService(index=7, attributes=(RequestedAttribute("urn:oid:2.5.4.3"),))
    ground.register(consent="ask", provider=ground.sp.metadata(attribute_services=(nothing,)))
    by_address = element(q(names.SAMLP, "NameIDPolicy"), {"Format": names.EMAIL})
    given = ConsentRow(["saml"], [], ground.clock.now(), new_id())
    ground.world.consents[PERSON, "lms", MEMBERSHIP] = given
    assert status(ground.ask(AttributeConsumingServiceIndex="7")) == "Success"
    assert _need(ground, by_address, AttributeConsumingServiceIndex="7") is Need.CONSENT
    ground.register(consent="ask", approved_attributes=(), settings=Settings(name_id="unspecified"))
    assert _need(ground) is Need.CONSENT
    ground.world.consents[PERSON, "lms", MEMBERSHIP] = given._replace(claims=["uid"])
    assert status(ground.ask()) == "Success"
