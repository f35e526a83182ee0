"""web/account_security, account_factors, account_email: how I sign in; each change wants a recent sign-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from idp.app import create_app
from idp.core import levels
from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import credentials
from tests.factories.authenticator import Authenticator
from tests.factories.factor_ground import PASSWORD, FactorGround, factor_house
from tests.factories.relying_party import RelyingParty
from tests.fakes.browser import Browser


@pytest.fixture
def ground(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[FactorGround]:
    with factor_house(sqlite_url, tmp_path, clock) as made:
        app = create_app(made.parts.settings, clock)
        found: Parts = app.extensions["parts"]
        ground = FactorGround(found, clock)
        ground.app = app  # type: ignore[attr-defined]
        yield ground
        found.engine.dispose()


@pytest.fixture
def browser(ground: FactorGround) -> Browser:
    app: Flask = ground.app  # type: ignore[attr-defined]
    return Browser(app.test_client())


def _sign_in(browser: Browser, username: str = "gulnara", password: str = PASSWORD) -> None:
    browser.go("/login")
    browser.submit("/login/password", username=username, password=password)


def _options(browser: Browser) -> str:
    found = re.search(r'data-options="([^"]*)"', browser.page.text)
    assert found is not None, browser.page.text[:800]
    return unescape(found[1])


def _path(browser: Browser) -> str:
    return browser.page.request.path


def test_a_parent_adds_a_passkey_signs_in_with_it_and_takes_it_away(ground: FactorGround, browser: Browser) -> None:
    person = ground.person()
    _sign_in(browser)
    browser.go("/account/security/passkeys/new")
    key = Authenticator()
    browser.submit("/passkeys/new", response="{}", label="Телефон")
    assert browser.page.status_code == 422
    browser.submit("/passkeys/new", response=key.create(_options(browser)), label="<b>Телефон</b>")
    assert _path(browser) == "/account/security"
    assert "&lt;b&gt;Телефон&lt;/b&gt;" in browser.page.text
    browser.client.delete_cookie("bilim_id")
    browser.go("/login")
    assert 'autocomplete="username webauthn"' in browser.page.text
    spoiled = key.get(_options(browser), origin="https://evil.example")
    browser.submit("/login/passkey", response=spoiled)
    assert (browser.page.status_code, _path(browser)) == (401, "/login/passkey")
    answer = key.get(_options(browser))
    browser.submit("/login/passkey", response=answer)
    assert _path(browser) == "/account"
    browser.client.delete_cookie("bilim_id")
    browser.go("/login/passkey")
    browser.submit("/login/passkey", response=answer)
    assert browser.page.status_code == 401, "a challenge of another page"
    browser.submit("/login/passkey", response=key.get(_options(browser), counter=5))
    held = ground.parts.sign_in.factors.held(person)
    browser.go(f"/account/security/passkeys/{held.passkeys[0].id}")
    browser.submit(f"{held.passkeys[0].id}", label="Ноутбук")
    assert "Ноутбук" in browser.page.text
    assert browser.go("/account/security/passkeys/0199").status_code == 404
    browser.go(f"/account/security/passkeys/{held.passkeys[0].id}")
    browser.submit("/remove")
    assert not ground.parts.sign_in.factors.held(person).passkeys


def test_a_counter_that_goes_back_is_refused_and_written_down(ground: FactorGround, browser: Browser) -> None:
    key = ground.passkey_of(ground.person())
    for counter, status in ((9, 200), (9, 401), (8, 401), (0, 401), (10, 200)):
        browser.client.delete_cookie("bilim_id")
        browser.go("/login/passkey")
        browser.submit("/login/passkey", response=key.get(_options(browser), counter=counter))
        assert browser.page.status_code == status, counter
    assert len(ground.events("passkey_counter_back")) == 3


def test_an_app_and_codes_are_set_up_and_asked_for_at_the_next_sign_in(ground: FactorGround, browser: Browser) -> None:
    person = ground.person()
    _sign_in(browser)
    browser.go("/account/security/totp")
    assert "<svg" in browser.page.text
    key = re.search(r'translate="no">([A-Z2-7 ]{39})<', browser.page.text)
    assert key is not None
    browser.submit("/account/security/totp", code="000000")
    assert browser.page.status_code == 422
    assert key[1] in browser.page.text, "the same key, so that it need not be scanned again"
    app = pyotp.TOTP(key[1].replace(" ", ""))
    browser.submit("/account/security/totp", code=app.at(ground.clock.now()))
    assert _path(browser) == "/account/security"
    browser.go("/account/security/codes")
    assert _path(browser) == "/account/security/codes", "the code that set it up counts in this session"
    ground.clock.advance(minutes=16)
    browser.go("/account/security/codes")
    assert _path(browser) == "/login/again", "who has a strong method shows it first"
    browser.submit("/login/again", password=PASSWORD)
    browser.submit("/login/factor", code=ground.code(app))
    assert _path(browser) == "/account/security/codes"
    browser.submit("/account/security/codes")
    codes = re.findall(r"<li>([0-9a-z]{4}(?:-[0-9a-z]{4}){3})</li>", browser.page.text)
    assert len(codes) == 10
    assert codes[0] not in browser.go("/account/security/codes").text
    browser.client.delete_cookie("bilim_id")
    _sign_in(browser)
    assert _path(browser) == "/login/factor"
    browser.submit("/login/factor", code="000000")
    assert browser.page.status_code == 401
    browser.go("/login/factor?way=recovery")
    browser.submit("/login/factor", code=codes[3])
    assert (_path(browser), browser.page.request.args["recovered"]) == ("/account/security", "1")
    browser.go("/account/security/totp/remove")
    browser.submit("/totp/remove")
    assert ground.parts.sign_in.factors.held(person).totp is None
    browser.client.delete_cookie("bilim_id")
    _sign_in(browser)
    assert _path(browser) == "/account"


def test_changes_want_a_recent_sign_in(ground: FactorGround, browser: Browser) -> None:
    ground.person()
    _sign_in(browser)
    browser.go("/account/security/totp")
    page = browser.page
    ground.clock.advance(minutes=16)
    browser.submit("/account/security/totp", code="000000")
    assert browser.page.status_code == 403
    assert "step_up" in browser.page.text
    for path in ("/account/security/passkeys/new", "/account/security/codes", "/account/security/email"):
        browser.go(path)
        assert _path(browser) == "/login/again"
    browser.submit("/login/again", password="wrong")
    assert browser.page.status_code == 401
    browser.submit("/login/again", password=PASSWORD)
    assert _path(browser) == "/account/security/email", "back to where one was"
    assert page.status_code == 200


def test_the_password_is_changed_with_the_old_one_and_other_sessions_end(
    ground: FactorGround, browser: Browser
) -> None:
    person, app = ground.person(), ground.app  # type: ignore[attr-defined]
    _sign_in(Browser(app.test_client()))
    _sign_in(browser)
    browser.go("/.well-known/change-password")
    assert _path(browser) == "/account/security/password"
    browser.go("/account/password")
    new = {"new_password": "өзен мен орман", "new_password_2": "өзен мен орман"}
    browser.submit("/account/password", old_password="wrong", **new)
    assert browser.page.status_code == 422
    browser.submit("/account/password", old_password=PASSWORD, **new)
    assert _path(browser) == "/account/security"
    assert len(ground.parts.sessions.of_person(person)) == 1
    assert ground.letters()[-1].values["what"] == "password_changed"
    browser.client.delete_cookie("bilim_id")
    _sign_in(browser, password="өзен мен орман")
    assert _path(browser) == "/account"


def test_an_address_is_set_and_confirmed_and_taken_away(ground: FactorGround, browser: Browser) -> None:
    person = ground.person(email="", email_verified=False)
    _sign_in(browser)
    browser.go("/account/security/email")
    browser.submit("/account/security/email", email="not one")
    assert browser.page.status_code == 422
    browser.submit("/account/security/email", email="g@mektep.example")
    assert _path(browser) == "/account/security/email/code"
    code = ground.letters()[-1].values["code"]
    assert code not in browser.page.text, "CVE-2026-105211"
    browser.submit("/email/code", code="000000" if code != "000000" else "111111")
    assert browser.page.status_code == 422
    browser.submit("/email/code", code=code)
    assert "g@mektep.example" in browser.page.text
    browser.go("/account/security/email/code")
    assert _path(browser) == "/account/security/email"
    browser.submit("/email/remove")
    assert not ground.parts.sign_in.factors.held(person).address.email


def test_a_recovery_code_does_not_lose_the_service_that_waits(ground: FactorGround, browser: Browser) -> None:
    person = ground.person()
    ground.app_of(person)
    codes = ground.parts.sign_in.factors.make_codes(person)
    app: Flask = ground.app  # type: ignore[attr-defined]
    browser.go(RelyingParty(ground.parts.clients, app.test_client()).address())
    browser.submit("/login/password", username="gulnara", password=PASSWORD)
    browser.go(f"{browser.page.request.full_path}&way=recovery")
    browser.submit("/login/factor", code=codes[0])
    assert _path(browser) == "/account/security"
    onward = re.search(r'href="(/oauth/authorize\?interaction=[^"]+)"', browser.page.text)
    assert onward is not None
    browser.go(unescape(onward[1]))
    assert "code=" in browser.left_for
    assert "/oauth/authorize" not in browser.go("/account/security?recovered=1&i=made-up").text


def test_who_has_an_eds_is_sent_to_it_and_sets_nothing_up(ground: FactorGround, browser: Browser) -> None:
    person = ground.person("marat", "teacher", rule="staff")
    with ground.parts.uow.write() as tx:
        credentials.add(tx, person, "eds", {}, now=ground.clock.now())
    _sign_in(browser, "marat")
    assert _path(browser) == "/login/factor/setup"
    assert "factor/setup?way=" not in browser.page.text
    assert "ЭЦҚ қазір мұнда қолданылмайды" in browser.page.text, "none is on here, so the school office helps"
    assert "/login/eds_" not in browser.page.text
    browser.go("/login/factor/setup?way=totp")
    assert browser.page.status_code == 200
    assert '<svg class="qr' not in browser.page.text
    assert 'translate="no"' not in browser.page.text


def test_by_a_code_by_mail_a_member_of_staff_adds_no_first_factor(ground: FactorGround, browser: Browser) -> None:
    ground.person("marat", "teacher")
    browser.go("/login/mail_code")
    browser.submit("/login/mail_code", username="marat")
    browser.submit("/login/mail_code/code", code=ground.letters()[-1].values["code"])
    for path in ("/account/security/passkeys/new", "/account/security/totp"):
        assert browser.go(path).status_code == 403
        assert "first_factor_elsewhere" in browser.page.text


def test_who_has_a_code_by_mail_alone_meets_no_dead_end(ground: FactorGround, browser: Browser) -> None:
    person = ground.person()
    with ground.parts.uow.write() as tx:
        credentials.remove_all(tx, person, ("password",))
    browser.go("/login/mail_code")
    browser.submit("/login/mail_code", username="gulnara")
    browser.submit("/login/mail_code/code", code=ground.letters()[-1].values["code"])
    assert 'id="totp-set-up"' not in browser.go("/account/security").text
    assert browser.go("/account/security/totp").status_code == 403
    assert _path(browser) == "/account/security/totp"
    browser.go("/account/security/codes")
    assert _path(browser) == "/account/security", "there is nothing that codes could stand in for"
    browser.go("/account/security/email")
    browser.submit("/email/remove")
    assert (browser.page.status_code, 'id="error-summary"' in browser.page.text) == (409, True)
    ground.clock.advance(minutes=16)
    browser.go("/account/security/passkeys/new")
    assert _path(browser) == "/login/again"
    assert 'href="/login/mail_code"' in browser.page.text
    browser.go("/login/mail_code")
    browser.submit("/login/mail_code", username="gulnara")
    browser.submit("/login/mail_code/code", code=ground.letters()[-1].values["code"])
    assert _path(browser) == "/account/security/passkeys/new"


def test_a_step_up_of_another_level_explains_what_is_missing(ground: FactorGround, browser: Browser) -> None:
    ground.person()
    browser.go("/login/again")
    assert _path(browser) == "/login/password", "nobody is there"
    _sign_in(browser)
    browser.go(f"/login/again?acr={levels.MFA}")
    assert 'id="again-setup"' in browser.page.text
    browser.go("/login/again?acr=urn:bilim:acr:nothing")
    assert 'name="password"' in browser.page.text
    other = ground.person("marat")
    browser.go("/login/password")
    assert _path(browser) == "/account"
    assert not ground.parts.sessions.of_person(other)
