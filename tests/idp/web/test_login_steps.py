"""web/login_steps: the password beside a key, and the welcome of somebody new, as far as the client."""

from __future__ import annotations

import base64
import re
from typing import Any

from idp.cli.dev.nca import Key
from idp.core.clock import FixedClock
from idp.store import credentials
from tests.factories.citizens import HASH, OTHER_IIN, PASSWORD, Citizens
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
    assert 0 < int(browser.page.headers["Retry-After"]) <= 600


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


def test_a_printed_password_beside_a_key_is_replaced_on_the_way(
    citizens: Citizens, citizens_browser: Browser, clock: FixedClock
) -> None:
    browser, person = citizens_browser, citizens.person()
    citizens.membership(person, citizens.school(), "teacher")
    with citizens.parts.uow.write() as tx:
        credentials.replace(tx, "password", [(person, {"hash": HASH})], must_change=True, now=clock.now())
    browser.go(LAYER)
    _sign(citizens, browser, citizens.key())
    browser.submit("/login/second", password=PASSWORD)
    assert _path(browser) == "/login/change"
    assert browser.client.get("/account").status_code != 200
    new = "өзен мен орман арасы"
    browser.submit("/login/change", new_password=new, new_password_2=new)
    assert _path(browser) == "/account"
    assert citizens.events("login")[-1]["acr"] == "urn:bilim:acr:eds"


def test_who_says_that_it_is_not_they_leaves_nothing_for_the_next(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    browser = citizens_browser
    for step in ("/login/welcome", "/login/second"):
        browser.go(LAYER)
        _sign(citizens, browser, citizens.key())
        assert _path(browser) == step
        cookie = browser.client.get_cookie("bilim_flow")
        assert cookie
        browser.submit(step, answer="no")
        assert _path(browser) == "/login/password"
        assert browser.go(step).status_code == 400
        browser.client.set_cookie("bilim_flow", cookie.value)
        assert browser.go(step).status_code == 400
        if step == "/login/welcome":
            assert not citizens.everybody()
            citizens.membership(citizens.person(password=True), citizens.school(), "teacher")


def test_saying_no_needs_the_token_of_the_form(citizens: Citizens, citizens_browser: Browser) -> None:
    _newcomer(citizens, citizens_browser)
    assert citizens_browser.client.post("/login/welcome", data={"answer": "no"}).status_code == 400
    assert citizens_browser.go("/login/welcome").status_code == 200


def test_the_first_page_of_signing_in_forgets_a_step_left_open(citizens: Citizens, citizens_browser: Browser) -> None:
    _newcomer(citizens, citizens_browser)
    citizens_browser.go("/login")
    assert citizens_browser.go("/login/welcome").status_code == 400


def test_who_says_no_goes_back_to_the_client_s_sign_in(citizens: Citizens, citizens_browser: Browser) -> None:
    assert citizens.app is not None
    client = RelyingParty(citizens.parts.clients, citizens.app.test_client())
    _newcomer(citizens, citizens_browser, client.address(acr_values="urn:bilim:acr:eds"))
    citizens_browser.submit("/login/welcome", answer="no")
    assert _path(citizens_browser) == LAYER
    assert citizens_browser.page.request.args["i"]
