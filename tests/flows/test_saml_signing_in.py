"""Stories of SAML: signing in once for both protocols, what a service may learn, and what it is refused."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.core import levels
from idp.core.clock import FixedClock
from idp.saml import names
from idp.saml.entity import Settings
from idp.saml.names import q
from idp.xml.build import element
from idp.xml.parser import Element
from tests.factories.factor_ground import FactorGround
from tests.factories.relying_party import RelyingParty
from tests.factories.saml_ground import HOST, SamlGround
from tests.factories.saml_sp import SamlSp
from tests.fakes.browser import Browser
from tests.flows.school import NAME, School
from tests.idp.web.conftest import PASSWORD


def context(*classes: str, comparison: str = "exact") -> Element:
    refs = [element(q(names.SAML, "AuthnContextClassRef"), None, one) for one in classes]
    return element(q(names.SAMLP, "RequestedAuthnContext"), {"Comparison": comparison}, *refs)


@pytest.fixture
def lms(app: Flask, school: School) -> SamlGround:
    return SamlGround(app)


def test_a_pupil_signs_in_at_a_saml_service_and_is_known_at_the_next_of_either_protocol(
    browser: Browser, school: School, lms: SamlGround, textbooks: RelyingParty
) -> None:
    address = lms.address()
    browser.go(address)
    assert browser.page.request.path == "/login/password"
    assert "Оқу алаңы" in browser.page.text
    browser.submit("/login/password", username=school.username, password=PASSWORD)
    heard = lms.hear(browser)
    assert (heard.address, heard.relay_state, heard.status) == ("https://lms.example/acs", "back", "Success")
    assert heard.attributes["displayName"] == [NAME]
    assert heard.attributes["pairwise-id"][0].endswith("@localhost")
    assert heard.name_id["value"]
    assert textbooks.code(browser)
    again = lms.enter(browser)
    assert (again.name_id["format"], again.attributes) == (heard.name_id["format"], heard.attributes)


def test_who_entered_by_openid_connect_needs_no_second_sign_in_at_saml(
    signed_in: Browser, lms: SamlGround, textbooks: RelyingParty
) -> None:
    assert textbooks.code(signed_in)
    assert lms.enter(signed_in).status == "Success"


def test_a_request_by_post_finds_the_session_although_no_cookie_came_with_it(
    signed_in: Browser, lms: SamlGround
) -> None:
    request = lms.authn_request(destination=f"{HOST}/saml/sso")
    fields = dict(lms.by_post(request, relay_state="back"))
    cookie = signed_in.client.get_cookie("bilim_id")
    assert cookie is not None
    signed_in.client.delete_cookie("bilim_id")
    answer = signed_in.client.post("/saml/sso", data=fields)
    assert answer.status_code == 303
    signed_in.client.set_cookie("bilim_id", cookie.value)
    signed_in.go(answer.headers["Location"])
    assert lms.hear(signed_in).status == "Success"
    # The number is good once.
    assert signed_in.go(answer.headers["Location"]).status_code == 400
    # And with the cookie at once, by SimpleSign.
    fields = dict(lms.by_simple_sign(lms.authn_request(destination=f"{HOST}/saml/sso")))
    signed_in.page = signed_in.client.post("/saml/sso", data=fields)
    assert lms.hear(signed_in).status == "Success"


def test_one_request_is_answered_once(signed_in: Browser, lms: SamlGround) -> None:
    address = lms.address()
    signed_in.go(address)
    assert lms.hear(signed_in).status == "Success"
    page = signed_in.go(address)
    assert (page.status_code, "saml_replayed" in page.text) == (400, True)


def test_force_authn_asks_again_and_is_passive_never_shows_a_page(
    browser: Browser, school: School, lms: SamlGround, clock: FixedClock
) -> None:
    assert lms.enter(browser, IsPassive="true").status == "NoPassive"
    browser.go("/login")
    browser.submit("/login/password", username=school.username, password=PASSWORD)
    assert lms.enter(browser, IsPassive="1").status == "Success"
    assert lms.enter(browser, IsPassive="true", ForceAuthn="true").status == "NoPassive"
    clock.advance(seconds=5)
    browser.go(lms.address(ForceAuthn="true"))
    assert browser.page.request.path == "/login/password"
    browser.submit("/login/password", username=school.username, password=PASSWORD)
    assert lms.hear(browser).status == "Success"


def test_a_requested_context_is_reached_stated_or_refused(
    signed_in: Browser, school: School, lms: SamlGround, clock: FixedClock
) -> None:
    assert lms.enter(signed_in, context(names.CONTEXT_PPT)).context == names.CONTEXT_PPT
    assert lms.enter(signed_in, context("urn:made:up")).status == "NoAuthnContext"
    assert lms.enter(signed_in, context(names.CONTEXT_MFA), IsPassive="true").status == "NoPassive"
    app = FactorGround(lms.parts, clock).app_of(school.person_id)
    clock.advance(seconds=30)
    lms.now = clock.now()
    signed_in.go(lms.address(context(names.CONTEXT_MFA)))
    assert signed_in.page.request.path == "/login/again"
    signed_in.submit("/login/again", code=app.at(clock.now()))
    assert lms.hear(signed_in).context == names.CONTEXT_MFA
    assert lms.enter(signed_in, context(levels.PASSWORD, comparison="minimum")).context == names.CONTEXT_MFA


def test_a_level_that_was_not_reached_is_never_stated(
    signed_in: Browser, school: School, lms: SamlGround, clock: FixedClock
) -> None:
    signed_in.go(lms.address(context(names.CONTEXT_MFA)))
    clock.advance(seconds=5)
    signed_in.submit("/login/password", username=school.username, password=PASSWORD)
    assert lms.hear(signed_in).status == "NoAuthnContext"


def test_the_consent_page_shows_the_very_values_and_a_no_reaches_the_service(
    signed_in: Browser, app: Flask, school: School
) -> None:
    lms = SamlGround(app, consent="ask")
    signed_in.go(lms.address())
    assert signed_in.page.request.path == "/consent"
    page = signed_in.page.text
    signed_in.submit("/consent", answer="deny")
    assert lms.hear(signed_in).status == "RequestDenied"
    signed_in.go(lms.address())
    signed_in.submit("/consent", answer="allow")
    heard = lms.hear(signed_in)
    assert all(value in page for values in heard.attributes.values() for value in values)
    assert lms.enter(signed_in).attributes == heard.attributes
    signed_in.go("/account/services")
    assert "Оқу алаңы" in signed_in.page.text


def test_an_unknown_service_a_foreign_address_and_a_spoiled_message_lead_to_a_page_of_ours(
    signed_in: Browser, lms: SamlGround, app: Flask
) -> None:
    stranger = SamlSp("https://stranger.example/saml", number=1)
    stranger.now = lms.now
    query = stranger.by_redirect(stranger.authn_request(destination=f"{HOST}/saml/sso")).decode()
    cases = {
        f"/saml/sso?{query}": "saml_unknown_service",
        lms.address(AssertionConsumerServiceURL="https://evil.example/acs"): "saml_message",
        lms.address(IssueInstant="2026-09-01T00:00:00Z"): "saml_message",
        lms.address(Destination="https://other.example/saml/sso"): "saml_message",
        lms.address() + "&RelayState=two": "saml_message",
        "/saml/sso": "saml_message",
        "/saml/sso?interaction=saml.none": "link_expired",
    }
    for address, code in cases.items():
        page = signed_in.go(address)
        assert (page.status_code, code in page.text) == (400, True), address
        assert "error-reference" in page.text
        assert not signed_in.left_for


def test_what_is_switched_off_or_over_is_refused_and_a_school_limits_what_goes(
    signed_in: Browser, app: Flask, school: School
) -> None:
    lms = SamlGround(app, schools=[school.id])
    assert "mail" not in lms.enter(signed_in).attributes
    lms.parts.saml_providers.disable(lms.client_id)
    assert "client_disabled" in signed_in.go(lms.address()).text
    other = SamlGround(app, "https://other.example/saml", schools=[])
    assert "client_not_for_school" in signed_in.go(other.address()).text
    assert other.enter(signed_in, IsPassive="true").status == "NoPassive"


def test_a_sign_on_begins_here_only_where_allowed_and_to_a_listed_target(
    signed_in: Browser, app: Flask, lms: SamlGround
) -> None:
    open_ = SamlGround(
        app, "https://open.example/saml",
        settings=Settings(idp_initiated=True, relay_states=("https://open.example/start",)),
    )  # fmt: skip
    begin = "/saml/sso?providerId={}&target={}"
    assert "saml_unsolicited" in signed_in.go(begin.format(lms.entity_id, "")).text
    assert "saml_unsolicited" in signed_in.go(begin.format(open_.entity_id, "https://evil.example")).text
    signed_in.go(begin.format(open_.entity_id, "https://open.example/start"))
    heard = open_.hear(signed_in)
    assert (heard.status, heard.relay_state, heard.in_response_to) == ("Success", "https://open.example/start", "")
    assert "saml_unknown_service" in signed_in.go(begin.format("https://nobody.example", "")).text
