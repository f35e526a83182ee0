"""web/login: the pages of signing in, as a browser without scripts sees them."""

import re

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import credentials
from tests.fakes.browser import Browser
from tests.idp.web.conftest import HASH, PASSWORD


def _sign_in(browser: Browser, username: str = "aigerim", password: str = PASSWORD, **more: str) -> None:
    browser.go("/login")
    browser.submit("/login/password", username=username, password=password, **more)


def test_the_right_password_leads_to_the_account(browser: Browser, person: str) -> None:
    _sign_in(browser)
    assert browser.page.request.path == "/account"
    assert "Оспанова Айгерім" in browser.page.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    browser: Browser, person: str, app: Flask
) -> None:
    browser.go("/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.page.text)
    assert token
    data = {"username": "aigerim", "password": PASSWORD, "csrf_token": token[1]}
    answer = browser.client.post("/login/password", data=data)
    assert answer.status_code == 303
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("bilim_id="))
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Max-Age" in cookie


def test_on_somebody_elses_computer_the_cookie_goes_with_the_browser(browser: Browser, person: str) -> None:
    browser.go("/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.page.text)
    assert token
    data = {"username": "aigerim", "password": PASSWORD, "csrf_token": token[1], "shared": "1"}
    answer = browser.client.post("/login/password", data=data)
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("bilim_id="))
    assert "Max-Age" not in cookie
    assert "Expires" not in cookie


def test_a_wrong_password_and_an_unknown_name_look_alike(browser: Browser, person: str) -> None:
    _sign_in(browser, password="wrong")
    one = browser.page
    _sign_in(browser, username="nobody", password="wrong")
    strip = re.compile(r'(?:value|data-options)="[^"]*"')
    assert one.status_code == browser.page.status_code == 401
    assert strip.sub("", one.text) == strip.sub("", browser.page.text)
    assert "wrong" not in re.sub(r"class=\"[^\"]*\"", "", one.text).lower()


def test_what_was_typed_as_username_stays_and_the_password_does_not(browser: Browser, person: str) -> None:
    _sign_in(browser, username="aigerim", password="secret typo")
    assert 'value="aigerim"' in browser.page.text
    assert "secret typo" not in browser.page.text


def test_after_too_many_attempts_the_page_says_when_to_come_back(browser: Browser, person: str) -> None:
    for _ in range(7):
        _sign_in(browser, password="wrong")
    assert browser.page.status_code == 429
    assert "10" in browser.page.text


def test_a_form_without_its_token_is_refused_and_nothing_happens(browser: Browser, person: str) -> None:
    answer = browser.client.post("/login/password", data={"username": "aigerim", "password": PASSWORD})
    assert answer.status_code == 400
    assert 'id="error-code">csrf<' in answer.text
    assert not any(c.startswith("bilim_id=") for c in answer.headers.getlist("Set-Cookie"))


def test_an_unknown_method_is_not_found(browser: Browser) -> None:
    assert browser.go("/login/carrier_pigeon").status_code == 404


def test_a_made_up_interaction_is_a_page_that_says_so(browser: Browser) -> None:
    assert browser.go("/login/password?i=made-up").status_code == 400
    assert 'id="error-code">link_expired<' in browser.page.text


def test_a_first_password_is_changed_before_anything_else(
    browser: Browser, person: str, parts: Parts, clock: FixedClock
) -> None:
    with parts.uow.write() as tx:
        credentials.replace(tx, "password", [(person, {"hash": HASH})], must_change=True, now=clock.now())
    _sign_in(browser)
    assert browser.page.request.path == "/login/change"
    assert browser.client.get("/account").status_code == 303
    for new, again, code in (("қысқа", "қысқа", 422), ("бірінші сөз", "екінші сөз", 422), (PASSWORD, PASSWORD, 422)):
        browser.submit("/login/change", new_password=new, new_password_2=again)
        assert browser.page.status_code == code
    browser.submit("/login/change", new_password="өзен мен орман", new_password_2="өзен мен орман")
    assert browser.page.request.path == "/account"
    browser.client.delete_cookie("bilim_id")
    _sign_in(browser)
    assert browser.page.status_code == 401


@pytest.mark.parametrize(("language", "word"), [("kk", "Құпиясөз"), ("ru", "Пароль"), ("en", "Password")])
def test_the_language_is_switched_and_remembered(browser: Browser, language: str, word: str) -> None:
    browser.go(f"/login/password?lang={language}")
    assert word in browser.page.text
    browser.go("/login/password")
    assert f'lang="{language}"' in browser.page.text
    assert word in browser.page.text


def test_signing_in_as_somebody_else_ends_the_first_session(
    browser: Browser, person: str, parts: Parts, clock: FixedClock
) -> None:
    from tests.factories.rows import add_person

    with parts.uow.write() as tx:
        other = add_person(tx, "nurlan", given_name="Нұрлан")
        credentials.replace(tx, "password", [(other, {"hash": HASH})], must_change=False, now=clock.now())
    _sign_in(browser)
    browser.client.get("/login/password?lang=kk")
    page = browser.client.get("/account/password")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token
    browser.client.post("/login/password", data={"username": "nurlan", "password": PASSWORD, "csrf_token": token[1]})
    assert parts.sessions.of_person(person) == []
    assert len(parts.sessions.of_person(other)) == 1
