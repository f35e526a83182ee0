"""Stories of the other direction: switched off, blocked, left school, said no."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.parts import Parts
from tests.factories.relying_party import ISSUER, RelyingParty, came_back
from tests.fakes.browser import Browser
from tests.flows.school import School


def test_a_service_that_the_school_switched_off_gets_a_page_and_no_redirect(
    signed_in: Browser, school: School, textbooks: RelyingParty
) -> None:
    assert textbooks.code(signed_in)
    school.switch_off("textbooks")
    signed_in.left_for = ""
    signed_in.go(textbooks.address())
    assert signed_in.page.status_code == 400
    assert "client_not_for_school" in signed_in.page.text
    assert signed_in.left_for == ""
    assert textbooks.answer(signed_in, prompt="none")["error"] == "access_denied"


def test_a_person_who_is_blocked_is_out_with_the_next_request(
    signed_in: Browser, school: School, textbooks: RelyingParty
) -> None:
    tokens = textbooks.tokens(signed_in)
    assert textbooks.userinfo(tokens["access_token"]).status_code == 200
    school.block()
    assert textbooks.userinfo(tokens["access_token"]).status_code == 401
    assert textbooks.post("/oauth/introspect", token=tokens["access_token"]).get_json() == {"active": False}
    assert textbooks.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    signed_in.go(textbooks.address())
    assert signed_in.page.request.path == "/login/password"
    signed_in.go("/account")
    assert signed_in.page.request.path == "/login/password"


def test_who_has_left_the_school_gets_no_new_tokens(
    signed_in: Browser, school: School, textbooks: RelyingParty
) -> None:
    tokens = textbooks.tokens(signed_in)
    school.let_go()
    assert textbooks.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert textbooks.userinfo(tokens["access_token"]).status_code == 401
    signed_in.left_for = ""
    signed_in.go(textbooks.address())
    assert signed_in.left_for == ""


def test_a_no_reaches_the_client_and_nothing_else_does(signed_in: Browser, app: Flask, parts: Parts) -> None:
    vendor = RelyingParty(parts.clients, app.test_client(), "vendor", bilim_consent="ask")
    signed_in.go(vendor.address())
    signed_in.submit("/consent", answer="deny")
    back = came_back(signed_in)
    assert (back["error"], back["iss"], back["state"]) == ("access_denied", ISSUER, "the state")
    assert "code" not in back
    # A no is not remembered as one: the person may think again.
    signed_in.left_for = ""
    signed_in.go(vendor.address())
    assert signed_in.page.request.path == "/consent"


@pytest.mark.parametrize("reason", ["disabled", "ended"])
def test_a_service_that_is_gone_is_refused_in_every_flow(
    signed_in: Browser, textbooks: RelyingParty, app: Flask, parts: Parts, reason: str, clock: FixedClock
) -> None:
    vendor = RelyingParty(parts.clients, app.test_client(), "vendor", bilim_end_date="2026-09-02")
    tokens = vendor.tokens(signed_in)
    if reason == "disabled":
        parts.clients.disable("vendor")
    else:
        clock.advance(days=2)
    assert vendor.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_client"
    assert vendor.userinfo(tokens["access_token"]).status_code == 401
    signed_in.left_for = ""
    signed_in.go(vendor.address())
    assert "client_disabled" in signed_in.page.text
    assert signed_in.left_for == ""


def test_signing_out_at_home_ends_what_services_hold(signed_in: Browser, textbooks: RelyingParty) -> None:
    tokens = textbooks.tokens(signed_in)
    signed_in.go("/oauth/logout")
    signed_in.submit("/oauth/logout", answer="yes")
    assert "/oauth/signed-out" in signed_in.page.request.path
    assert textbooks.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    assert textbooks.userinfo(tokens["access_token"]).status_code == 401
