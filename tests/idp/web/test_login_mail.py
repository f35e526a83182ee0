"""web/login_mail: a code by mail to sign in, and for a forgotten password."""

from __future__ import annotations

import re

from idp.parts import Parts
from tests.factories.factor_ground import PASSWORD, FactorGround
from tests.fakes.browser import Browser
from tests.idp.web.test_account_security import _path, _sign_in, browser, ground

__all__ = ["browser", "ground"]
NEW = "өзен мен орман"


def test_a_code_signs_in_and_an_unknown_name_looks_alike(ground: FactorGround, browser: Browser) -> None:
    ground.person()
    pages = []
    for name in ("nobody", "gulnara"):
        browser.go("/login/mail_code")
        browser.submit("/login/mail_code", username=name)
        pages.append(re.sub(r'value="[^"]*"', "", browser.page.text))
    assert pages[0] == pages[1]
    code = ground.letters()[-1].values["code"]
    browser.submit("/login/mail_code/code", code="000000" if code != "000000" else "111111")
    assert browser.page.status_code == 401
    browser.submit("/login/mail_code/code", code=code)
    assert _path(browser) == "/account"


def test_a_forgotten_password_is_replaced_and_one_signs_in_with_the_new_one(
    ground: FactorGround, browser: Browser
) -> None:
    ground.person()
    browser.go("/login/forgot")
    browser.submit("/login/forgot", username="gulnara@mektep.example")
    code = ground.letters()[-1].values["code"]
    browser.submit("/login/forgot/code", code=code, new_password="short", new_password_2="short")
    assert browser.page.status_code == 422
    browser.submit("/login/forgot/code", code=code, new_password=NEW, new_password_2=NEW)
    assert _path(browser) == "/login/password"
    _sign_in(browser)
    assert browser.page.status_code == 401
    _sign_in(browser, password=NEW)
    assert _path(browser) == "/account"
    assert PASSWORD != NEW


def test_without_a_mail_server_the_page_says_whom_to_ask(parts: Parts, app: object) -> None:
    browser = Browser(app.test_client())  # type: ignore[attr-defined]
    assert "Құпиясөз" in browser.go("/login/forgot").text
    assert 'id="forgot-submit"' not in browser.page.text
    assert 'id="mail-submit"' not in browser.go("/login/mail_code").text
    assert "/login/mail_code" not in browser.go("/login/password").text
    assert not parts.sign_in.by_mail.can_send
