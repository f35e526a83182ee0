"""web/account: a person's own page."""

from flask import Flask

from idp.parts import Parts
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.browser import Browser
from tests.idp.web.conftest import PASSWORD


def _sign_in(browser: Browser, password: str = PASSWORD) -> None:
    browser.go("/login")
    browser.submit("/login/password", username="aigerim", password=password)


def test_the_front_door_knows_who_is_signed_in(browser: Browser, person: str) -> None:
    assert browser.go("/").status_code == 200
    assert browser.page.request.path == "/"
    _sign_in(browser)
    browser.go("/")
    assert browser.page.request.path == "/account"


def test_without_a_session_the_account_leads_to_sign_in(browser: Browser) -> None:
    browser.go("/account")
    assert browser.page.request.path == "/login/password"


def test_another_membership_is_chosen_and_stays_chosen(browser: Browser, person: str, parts: Parts) -> None:
    with parts.uow.write() as tx:
        guardian = add_membership(tx, person, add_school(tx, "№ 5 ауыл мектебі"), "guardian")
    _sign_in(browser)
    browser.submit("/account/membership", membership=guardian)
    assert parts.sessions.role_of(person) == "guardian"
    assert "№ 5 ауыл мектебі" in browser.page.text


def test_a_foreign_membership_or_session_is_not_found(browser: Browser, person: str, parts: Parts) -> None:
    with parts.uow.write() as tx:
        school = add_school(tx)
        foreign = add_membership(tx, add_person(tx, "saule"), school, "director")
        add_membership(tx, person, school, "guardian")
    _sign_in(browser)
    browser.submit("/account/membership", membership=foreign)
    assert browser.page.status_code == 404


def test_a_session_elsewhere_is_ended_from_here(browser: Browser, app: Flask, person: str, parts: Parts) -> None:
    elsewhere = Browser(app.test_client())
    _sign_in(elsewhere)
    forgotten = parts.sessions.of_person(person)[0]
    _sign_in(browser)
    browser.go("/account/security")
    browser.submit(f"/account/sessions/{forgotten.id}/end")
    assert browser.page.request.path == "/account/security"
    assert forgotten.id not in {one.id for one in parts.sessions.of_person(person)}
    elsewhere.go("/account")
    assert elsewhere.page.request.path == "/login/password"


def test_the_youngest_are_spoken_to_as_children_and_their_elders_are_not(
    browser: Browser, person: str, parts: Parts
) -> None:
    with parts.uow.write() as tx:
        grade1 = add_membership(tx, person, add_school(tx, "№ 5"), "pupil", grade="01")
    _sign_in(browser)
    words = {
        "/account/children": ("Сіздің атыңыздан", "Сенің атыңнан"),
        "/account/consents": ("Сізден ештеңе", "Сенен ештеңе"),
        "/account/services": ("берген рұқсаттарыңыз", "берген рұқсаттарың."),
        "/account/security": ("сіз екеніңіз", "сен екенің"),
        "/account/security/password": ("Ауыстырсаңыз", "Ауыстырсаң,"),
    }
    for path, (formal, _) in words.items():
        assert formal in browser.go(path).text, path
    browser.go("/account")
    browser.submit("/account/membership", membership=grade1)
    for path, (formal, warm) in words.items():
        page = browser.go(path).text
        assert (warm in page, formal in page) == (True, False), path
