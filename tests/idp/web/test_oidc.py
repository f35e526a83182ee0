"""web/oidc: the whole walk over HTTP, and what only the door can get wrong."""

from __future__ import annotations

import json
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.jose import compact
from idp.parts import Parts
from tests.factories.relying_party import (
    ISSUER,
    REDIRECT,
    SECRET,
    VERIFIER,
    RelyingParty,
    came_back,
    claims_of,
)
from tests.fakes.browser import Browser
from tests.idp.web.conftest import PASSWORD


@pytest.fixture
def textbooks(parts: Parts, app: Flask) -> RelyingParty:
    return RelyingParty(parts.clients, app.test_client())


@pytest.fixture
def signed_in(browser: Browser, person: str) -> Browser:
    browser.go("/login")
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    assert browser.page.request.path == "/account"
    return browser


def test_a_pupil_signs_in_once_and_the_textbook_knows_her(
    browser: Browser, person: str, textbooks: RelyingParty, parts: Parts
) -> None:
    browser.go(textbooks.address())
    assert "Оқулықтар" in browser.page.text
    browser.submit("/login/password", username="aigerim", password=PASSWORD)
    back = came_back(browser)
    assert browser.left_for.startswith(f"{REDIRECT}?")
    assert (back["state"], back["iss"]) == ("the state", ISSUER)
    answer = textbooks.redeem(back["code"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.get_json()
    identity = claims_of(tokens["id_token"])
    assert (identity["iss"], identity["aud"], identity["nonce"]) == (ISSUER, "textbooks", "the nonce")
    assert identity["exp"] - identity["iat"] <= 3600
    key = parts.keys.ring().verifying(compact.read(tokens["id_token"], typ=("jwt",)).kid)
    assert key
    access = claims_of(tokens["access_token"], "at+jwt")
    assert (access["aud"], access["client_id"], access["scope"]) == (ISSUER, "textbooks", "openid profile")
    shown = textbooks.userinfo(tokens["access_token"])
    assert shown.status_code == 200
    assert shown.get_json()["name"] == "Оспанова Айгерім"
    assert shown.get_json()["sub"] == identity["sub"] == access["sub"]
    again = textbooks.refresh(tokens["refresh_token"])
    assert again.status_code == 200
    assert claims_of(again.get_json()["id_token"])["sub"] == identity["sub"]
    assert again.get_json()["refresh_token"] != tokens["refresh_token"]


def test_a_second_client_needs_no_second_password(signed_in: Browser, textbooks: RelyingParty, parts: Parts) -> None:
    other = RelyingParty(parts.clients, textbooks.http, "cabinet", redirect_uris=["https://cabinet.example/callback"])
    first = claims_of(textbooks.tokens(signed_in)["id_token"])
    code = other.code(signed_in, redirect_uri="https://cabinet.example/callback")
    second = claims_of(other.redeem(code, redirect_uri="https://cabinet.example/callback").get_json()["id_token"])
    assert first["sub"] != second["sub"]
    assert first["sid"] != second["sid"]


@pytest.mark.parametrize("client_id", ["", "nobody", "textbooks\x00"])
def test_an_unknown_client_gets_a_page_and_no_redirect(
    browser: Browser, textbooks: RelyingParty, client_id: str
) -> None:
    browser.go(textbooks.address(client_id=client_id))
    assert browser.page.status_code == 400
    assert not browser.left_for
    assert 'id="error-code"' in browser.page.text


def test_a_foreign_redirect_uri_gets_a_page_and_no_redirect(browser: Browser, textbooks: RelyingParty) -> None:
    browser.go(textbooks.address(redirect_uri="https://evil.example/callback"))
    assert browser.page.status_code == 400
    assert "invalid_redirect_uri" in browser.page.text
    assert not browser.left_for


def test_a_form_post_answer_escapes_what_it_carries(signed_in: Browser, textbooks: RelyingParty) -> None:
    state = '"><script>alert(1)</script>'
    signed_in.go(textbooks.address(response_mode="form_post", state=state))
    page = signed_in.page
    assert state not in page.text
    assert state in unescape(page.text)
    assert f'action="{REDIRECT}"' in page.text
    assert "form-action 'self' https://textbooks.example" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_the_request_may_come_as_a_form_of_another_site(signed_in: Browser, textbooks: RelyingParty) -> None:
    answer = signed_in.client.post("/oauth/authorize", data=textbooks.request())
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{REDIRECT}?code=")


def test_a_form_without_our_cookie_comes_again_as_a_get(app: Flask, textbooks: RelyingParty) -> None:
    answer = app.test_client().post("/oauth/authorize", data=textbooks.request())
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/oauth/authorize?client_id=textbooks")


def test_consent_shows_the_values_and_is_remembered(signed_in: Browser, app: Flask, parts: Parts) -> None:
    vendor = RelyingParty(parts.clients, app.test_client(), "vendor", bilim_consent="ask")
    signed_in.go(vendor.address())
    assert "Айгерім" in signed_in.page.text
    assert "Атамұра" in signed_in.page.text
    assert 'id="consent-allow"' in signed_in.page.text
    signed_in.submit("/consent", answer="allow")
    assert "code" in came_back(signed_in)
    assert vendor.code(signed_in)
    signed_in.go(vendor.address(scope="openid profile school"))
    assert 'id="consent-deny"' in signed_in.page.text
    signed_in.submit("/consent", answer="deny")
    assert came_back(signed_in) == {
        "error": "access_denied",
        "error_description": "the person declined",
        "state": "the state",
        "iss": ISSUER,
    }


def test_consent_needs_the_csrf_token(signed_in: Browser, app: Flask, parts: Parts) -> None:
    vendor = RelyingParty(parts.clients, app.test_client(), "vendor", bilim_consent="ask")
    signed_in.go(vendor.address())
    interaction = signed_in.page.request.args["i"]
    answer = signed_in.client.post("/consent", data={"i": interaction, "answer": "allow"})
    assert answer.status_code == 400
    assert "csrf" in answer.text


def test_an_interaction_of_another_browser_is_refused(app: Flask, textbooks: RelyingParty, browser: Browser) -> None:
    browser.go(textbooks.address())
    interaction = browser.page.request.args["i"]
    thief = Browser(app.test_client())
    thief.go(f"/oauth/authorize?interaction={interaction}")
    assert thief.page.status_code == 400
    assert "link_expired" in thief.page.text


def test_prompt_none_without_a_session_is_told_by_redirect(browser: Browser, textbooks: RelyingParty) -> None:
    back = textbooks.answer(browser, prompt="none")
    assert (back["error"], back["iss"], back["state"]) == ("login_required", ISSUER, "the state")


def test_parameters_in_the_address_of_the_token_endpoint_are_refused(
    signed_in: Browser, textbooks: RelyingParty
) -> None:
    code = textbooks.code(signed_in)
    query = urlencode({"code": code})
    answer = textbooks.post(
        f"/oauth/token?{query}", grant_type="authorization_code", redirect_uri=REDIRECT, code_verifier=VERIFIER
    )
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"grant_type=client_credentials&grant_type=client_credentials", "application/x-www-form-urlencoded"),
        (json.dumps({"grant_type": "client_credentials"}).encode(), "application/json"),
        (b"grant_type=%ff%fe", "application/x-www-form-urlencoded"),
        ("grant_type=ә".encode(), "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % number for number in range(100)), "application/x-www-form-urlencoded"),
        (b"state=" + b"x" * 70_000, "application/x-www-form-urlencoded"),
        (b"grant_type=a%00b", "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
def test_a_malformed_body_is_an_invalid_request(textbooks: RelyingParty, body: bytes, content_type: str) -> None:
    answer = textbooks.http.post("/oauth/token", data=body, content_type=content_type, auth=("textbooks", SECRET))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_wrong_secret_in_the_header_is_answered_with_a_challenge(textbooks: RelyingParty) -> None:
    answer = textbooks.post("/oauth/token", ("textbooks", "wrong"), grant_type="client_credentials")
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_userinfo_takes_the_token_from_the_header_or_the_form_but_not_the_address(
    signed_in: Browser, textbooks: RelyingParty
) -> None:
    token = textbooks.tokens(signed_in)["access_token"]
    assert textbooks.http.post("/oauth/userinfo", data={"access_token": token}).status_code == 200
    assert textbooks.http.post("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    refused = textbooks.http.get(f"/oauth/userinfo?access_token={token}")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="bilim-id"'
    both = textbooks.http.post(
        "/oauth/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (both.status_code, both.get_json()["error"]) == (400, "invalid_request")


def test_an_id_token_is_no_access_token(signed_in: Browser, textbooks: RelyingParty) -> None:
    answer = textbooks.userinfo(textbooks.tokens(signed_in)["id_token"])
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/userinfo", "/oauth/revoke"])
def test_other_origins_may_call_what_the_specifications_let_them(app: Flask, path: str) -> None:
    answer = app.test_client().options(path, headers={"Origin": "https://app.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_other_origins_may_not_call_authorize(signed_in: Browser, textbooks: RelyingParty) -> None:
    answer = signed_in.client.get(textbooks.address(), headers={"Origin": "https://app.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_disabled_client_is_refused_everywhere(signed_in: Browser, textbooks: RelyingParty, parts: Parts) -> None:
    tokens = textbooks.tokens(signed_in)
    parts.clients.disable("textbooks")
    signed_in.go(textbooks.address())
    assert "client_disabled" in signed_in.page.text
    assert textbooks.refresh(tokens["refresh_token"]).status_code == 401
    assert textbooks.userinfo(tokens["access_token"]).status_code == 401


def test_codes_and_tokens_stay_out_of_the_log(
    signed_in: Browser, textbooks: RelyingParty, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        code = textbooks.code(signed_in)
        tokens = textbooks.redeem(code).get_json()
        textbooks.redeem(code)
        textbooks.userinfo(tokens["access_token"])
    logged = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    for secret in (code, tokens["access_token"], tokens["refresh_token"], SECRET, VERIFIER):
        assert secret not in logged


def test_a_repeated_parameter_is_told_by_redirect(signed_in: Browser, textbooks: RelyingParty) -> None:
    signed_in.go(textbooks.address() + "&scope=openid")
    back = came_back(signed_in)
    assert (back["error"], back["state"]) == ("invalid_request", "the state")


def test_ui_locales_choose_the_language_and_unknown_ones_are_passed_over(
    browser: Browser, textbooks: RelyingParty
) -> None:
    browser.go(textbooks.address(ui_locales="se ru"))
    assert '<html lang="ru"' in browser.page.text


def test_a_strange_level_asked_for_changes_nothing(signed_in: Browser, textbooks: RelyingParty) -> None:
    found: dict[str, Any] = textbooks.answer(
        signed_in, acr_values="urn:unknown", claims='{"userinfo":{}}', display="popup", extra="foobar"
    )
    assert "code" in found


def test_max_age_asks_for_the_password_again(signed_in: Browser, textbooks: RelyingParty, clock: FixedClock) -> None:
    clock.advance(minutes=5)
    assert "code" in textbooks.answer(signed_in, max_age="1000")
    signed_in.go(textbooks.address(max_age="60"))
    assert signed_in.page.request.path == "/login/password"
    clock.advance(seconds=1)
    signed_in.submit("/login/password", username="aigerim", password=PASSWORD)
    tokens = textbooks.redeem(came_back(signed_in)["code"]).get_json()
    assert claims_of(tokens["id_token"])["auth_time"] == int(clock.now().timestamp())
