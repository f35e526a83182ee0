"""Stories of signing in: the usual one, an old client, a silent question, a level nobody can reach, a second click."""

from __future__ import annotations

from flask import Flask

from idp.core.clock import FixedClock
from idp.parts import Parts
from tests.factories.factor_ground import FactorGround
from tests.factories.relying_party import REDIRECT, RelyingParty, came_back, claims_of
from tests.fakes.browser import Browser
from tests.flows.school import FAMILY, GIVEN, MIDDLE, NAME, SCHOOL, School
from tests.idp.web.conftest import PASSWORD

_BARE = {"code_challenge": "", "code_challenge_method": "", "nonce": ""}
_MFA = "urn:bilim:acr:mfa"


def test_a_pupil_signs_in_once_for_two_services(
    browser: Browser, school: School, textbooks: RelyingParty, parts: Parts
) -> None:
    maps = RelyingParty(parts.clients, textbooks.http, "maps", bilim_schools=[school.id])
    browser.go(textbooks.address())
    browser.submit("/login/password", username=school.username, password=PASSWORD)
    assert "code" in came_back(browser)
    assert maps.code(browser)


def test_an_old_client_without_pkce_and_nonce_still_works(signed_in: Browser, app: Flask, parts: Parts) -> None:
    moodle = RelyingParty(
        parts.clients, app.test_client(), "moodle", bilim_profile="legacy", id_token_signed_response_alg="RS256"
    )
    answer = moodle.redeem(moodle.code(signed_in, **_BARE), code_verifier="")
    assert answer.status_code == 200
    identity = claims_of(answer.get_json()["id_token"])
    assert identity["aud"] == "moodle"
    assert "nonce" not in identity
    # A verifier where no challenge was sent means that somebody swapped the code.
    assert moodle.redeem(moodle.code(signed_in, **_BARE)).get_json()["error"] == "invalid_grant"


def test_a_modern_client_must_bring_pkce(signed_in: Browser, textbooks: RelyingParty) -> None:
    assert textbooks.answer(signed_in, **_BARE)["error"] == "invalid_request"


def test_a_silent_question_is_answered_and_never_shows_a_page(
    browser: Browser, school: School, textbooks: RelyingParty, parts: Parts
) -> None:
    asking = RelyingParty(parts.clients, textbooks.http, "asking", bilim_consent="ask")
    assert textbooks.answer(browser, prompt="none")["error"] == "login_required"
    browser.go("/login")
    browser.submit("/login/password", username=school.username, password=PASSWORD)
    assert "code" in textbooks.answer(browser, prompt="none")
    assert asking.answer(browser, prompt="none")["error"] == "consent_required"
    assert textbooks.answer(browser, prompt="none", acr_values=_MFA)["error"] == "login_required"
    assert textbooks.answer(browser, prompt="none login")["error"] == "invalid_request"


def test_a_level_that_nobody_here_can_reach_is_tried_once_and_told_honestly(
    signed_in: Browser, school: School, textbooks: RelyingParty, clock: FixedClock
) -> None:
    signed_in.left_for = ""
    signed_in.go(textbooks.address(acr_values=_MFA))
    assert signed_in.page.request.path == "/login/password"
    clock.advance(seconds=1)
    signed_in.submit("/login/password", username=school.username, password=PASSWORD)
    tokens = textbooks.redeem(came_back(signed_in)["code"]).get_json()
    assert claims_of(tokens["id_token"])["acr"] == "urn:bilim:acr:password"


def test_who_is_signed_in_adds_what_a_service_asks_for_and_stays_signed_in(
    signed_in: Browser, school: School, textbooks: RelyingParty, parts: Parts, clock: FixedClock
) -> None:
    """Step-up in place by `acr`: one code more, and the same `sid`."""
    before = claims_of(textbooks.redeem(textbooks.code(signed_in)).get_json()["id_token"])
    app = FactorGround(parts, clock).app_of(school.person_id)
    clock.advance(seconds=30)
    signed_in.left_for = ""
    signed_in.go(textbooks.address(acr_values=_MFA))
    assert signed_in.page.request.path == "/login/again"
    signed_in.submit("/login/again", code=app.at(clock.now()))
    after = claims_of(textbooks.redeem(came_back(signed_in)["code"]).get_json()["id_token"])
    assert (after["acr"], after["amr"]) == (_MFA, ["pwd", "otp", "mfa"])
    assert after["sid"] == before["sid"]
    assert after["auth_time"] > before["auth_time"]


def test_a_second_click_on_old_links_is_harmless(
    signed_in: Browser, app: Flask, parts: Parts, clock: FixedClock
) -> None:
    vendor = RelyingParty(parts.clients, app.test_client(), "vendor", bilim_consent="ask")
    signed_in.go(vendor.address())
    consent = signed_in.page.request.url
    signed_in.submit("/consent", answer="allow")
    first = came_back(signed_in)["code"]
    tokens = vendor.redeem(first).get_json()
    # The back button to the consent page, and Allow once more: another code, nothing broken.
    signed_in.go(consent)
    signed_in.submit("/consent", answer="allow")
    second = came_back(signed_in)["code"]
    assert second != first
    assert vendor.refresh(tokens["refresh_token"]).status_code == 200
    assert vendor.redeem(first).get_json()["error"] == "invalid_grant"
    # The login page of a day ago says that it is old and what to do.
    clock.advance(hours=2)
    signed_in.go(consent)
    assert signed_in.page.status_code == 400
    assert "link_expired" in signed_in.page.text
    assert 'href="/login"' in signed_in.page.text


def test_kazakh_names_survive_everywhere(signed_in: Browser, app: Flask, parts: Parts) -> None:
    vendor = RelyingParty(
        parts.clients, app.test_client(), "vendor", bilim_consent="ask", client_name="«Ұлы дала» оқулығы"
    )
    signed_in.go("/account")
    assert NAME in signed_in.page.text
    signed_in.go(vendor.address(scope="openid profile school roles", state="күй"))
    for shown in (NAME, SCHOOL, "«Ұлы дала» оқулығы"):
        assert shown in signed_in.page.text
    signed_in.submit("/consent", answer="allow")
    back = came_back(signed_in)
    assert back["state"] == "күй"
    assert signed_in.left_for.startswith(REDIRECT)
    claims = vendor.userinfo(vendor.redeem(back["code"]).get_json()["access_token"])
    person = claims.get_json()
    assert (person["family_name"], person["given_name"], person["middle_name"]) == (FAMILY, GIVEN, MIDDLE)
    assert person["name"] == NAME
    assert person["school"]["name"] == SCHOOL
