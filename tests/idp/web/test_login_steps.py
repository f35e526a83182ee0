"""web/login_steps: the password beside a key, and the welcome of somebody new, as far as the client."""

from __future__ import annotations

import base64
import re
from typing import Any

from idp.cli.dev.nca import Key
from tests.factories.citizens import OTHER_IIN, PASSWORD, Citizens
from tests.factories.relying_party import RelyingParty, came_back
from tests.fakes.browser import Browser

LAYER = "/login/eds_ncalayer"


def _sign(citizens: Citizens, browser: Browser, key: Key) -> None:
    """On the page of NCALayer that the browser shows."""
    found = re.search(r'data-document="([^"]+)"', browser.page.text)
    assert found
    browser.submit(LAYER, signature=citizens.signature(key, base64.b64decode(found[1])))


def _path(browser: Browser) -> str:
    return browser.page.request.path


def test_staff_are_asked_for_the_password_of_their_account(citizens: Citizens, citizens_browser: Browser) -> None:
    browser = citizens_browser
    citizens.membership(citizens.person(password=True), citizens.school(), "teacher")
    browser.go(LAYER)
    _sign(citizens, browser, citizens.key())
    assert _path(browser) == "/login/second"
    assert "Серікова Гүлнара" in browser.page.text
    assert browser.submit("/login/second", password="wrong").status_code == 401
    browser.submit("/login/second", password=PASSWORD)
    assert _path(browser) == "/account"


def test_a_guess_too_many_is_answered_later(citizens: Citizens, citizens_browser: Browser) -> None:
    browser = citizens_browser
    citizens.membership(citizens.person(password=True), citizens.school(), "teacher")
    browser.go(LAYER)
    _sign(citizens, browser, citizens.key())
    statuses = [browser.submit("/login/second", password="wrong").status_code for _ in range(7)]
    assert statuses == [401] * 6 + [429]


def test_steps_without_a_ticket_are_over(citizens: Citizens, citizens_browser: Browser) -> None:
    for path in ("/login/second", "/login/welcome"):
        page = citizens_browser.go(path)
        assert page.status_code == 400
        assert 'id="error-code">link_expired<' in page.text


def _newcomer(citizens: Citizens, browser: Browser, start: str = LAYER, key: Key | None = None) -> None:
    browser.go(start)
    _sign(citizens, browser, key or citizens.key())
    assert _path(browser) == "/login/welcome"


def test_a_newcomer_reads_agrees_and_lands_in_the_account(citizens: Citizens, citizens_browser: Browser) -> None:
    browser = citizens_browser
    _newcomer(citizens, browser)
    text = browser.page.text
    assert all(word in text for word in ("Серікова", "Гүлнара", "Болатқызы", "••••••••0018"))
    assert "850525400018" not in text
    assert not re.search(r'<input[^>]+type="(text|password|email|tel)"', text)
    browser.submit("/login/welcome")
    assert _path(browser) == "/account"
    assert "Серікова Гүлнара" in browser.page.text


def test_a_newcomer_comes_back_to_the_client_as_a_guardian_without_school_or_children(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    assert citizens.app is not None
    browser, http = citizens_browser, citizens.app.test_client()
    scope = "openid profile school roles classes children licences"
    client = RelyingParty(citizens.parts.clients, http, scope=scope, bilim_claims=["name", *scope.split()[2:]])
    address = client.address(scope=scope, acr_values="urn:bilim:acr:eds")
    _newcomer(citizens, browser, address)
    browser.submit("/login/welcome")
    tokens = client.redeem(came_back(browser)["code"]).get_json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    claims: dict[str, Any] = http.get("/oauth/userinfo", headers=bearer).get_json()
    (role,) = claims["roles"]
    assert (role["role"], role["active"]) == ("guardian", True)
    assert "school_id" not in role
    assert not claims.keys() & {"school", "classes", "children", "licences"}
    assert claims["name"] == "Серікова Гүлнара Болатқызы"


def test_a_newcomer_is_asked_for_consent_like_anybody(citizens: Citizens, citizens_browser: Browser) -> None:
    assert citizens.app is not None
    browser, http = citizens_browser, citizens.app.test_client()
    client = RelyingParty(citizens.parts.clients, http, bilim_consent="ask", scope="openid profile school roles")
    _newcomer(citizens, browser, client.address(scope="openid roles school", acr_values="urn:bilim:acr:eds"))
    browser.submit("/login/welcome")
    assert _path(browser) == "/consent"
    browser.submit("/consent", answer="allow")
    assert came_back(browser)["code"]


def test_a_new_member_of_staff_without_a_password_reads_what_to_do(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    citizens.school()
    _newcomer(citizens, citizens_browser, key=citizens.staff_key(OTHER_IIN))
    assert "№ 12 мектеп-гимназия" in citizens_browser.page.text
    page = citizens_browser.submit("/login/welcome")
    assert page.status_code == 403
    assert 'id="error-code">second_factor_missing<' in page.text


def test_a_changed_name_is_offered_on_the_account_and_taken_or_kept(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    browser = citizens_browser
    citizens.person()
    browser.go(LAYER)
    _sign(citizens, browser, citizens.key(family_name="АХМЕТОВА"))
    assert "Ахметова Гүлнара Болатқызы" in browser.page.text
    browser.submit("/account/names", answer="keep")
    assert "Ахметова" not in browser.page.text
    citizens.sign_in(citizens.key(family_name="ОМАРОВА"))
    browser.go("/account")
    assert browser.submit("/account/names", answer="perhaps").status_code == 400
    browser.go("/account")
    browser.submit("/account/names", answer="take")
    assert "Омарова Гүлнара Болатқызы" in browser.page.text
    assert "/account/names" not in browser.page.text
