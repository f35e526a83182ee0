"""web/login_eds: the two doors of the ЭЦҚ, as browsers and a phone knock at them."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from idp.core import levels
from idp.core.clock import FixedClock
from idp.store import throttles
from tests.factories.citizens import Citizens
from tests.factories.relying_party import REDIRECT, RelyingParty
from tests.fakes.browser import Browser, Forms

LAYER, PHONE = "/login/eds_ncalayer", "/login/eds_egov_mobile"


def _field(page: TestResponse, name: str) -> str:
    parser = Forms()
    parser.feed(page.text)
    return next(values[name] for _, values in parser.forms if name in values)


def _text(page: TestResponse) -> bytes:
    found = re.search(r'data-document="([^"]+)"', page.text)
    assert found
    return base64.b64decode(found[1])


def _sign_in(citizens: Citizens, browser: Browser, key: Any = None, **more: str) -> TestResponse:
    browser.go(LAYER)
    signature = citizens.signature(key or citizens.key(), _text(browser.page))
    return browser.submit(LAYER, signature=signature, **more)


def test_a_key_leads_to_the_account(citizens: Citizens, citizens_browser: Browser) -> None:
    citizens.person()
    _sign_in(citizens, citizens_browser)
    assert citizens_browser.page.request.path == "/account"
    assert "Серікова Гүлнара" in citizens_browser.page.text


def test_the_page_may_connect_to_ncalayer_and_nowhere_else(citizens: Citizens, citizens_browser: Browser) -> None:
    policy = citizens_browser.go(LAYER).headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://127.0.0.1:13579;" in policy
    assert policy.endswith("form-action 'self'")
    elsewhere = citizens_browser.go("/login/password").headers["Content-Security-Policy"]
    assert "connect-src 'self';" in elsewhere
    assert "13579" not in elsewhere


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_is_signed_is_in_the_language_of_the_page(
    citizens: Citizens, citizens_browser: Browser, language: str
) -> None:
    page = citizens_browser.go(f"{LAYER}?lang={language}")
    assert f'data-locale="{language}"' in page.text
    words = {"kk": "сайтына кіресіз", "ru": "вы войдёте", "en": "By signing"}
    assert words[language] in _text(page).decode()


def test_every_page_has_a_challenge_of_its_own_also_after_a_mistake(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    citizens.person()
    first = _field(citizens_browser.go(LAYER), "challenge")
    page = citizens_browser.submit(LAYER, signature="nonsense")
    assert page.status_code == 403
    assert _field(page, "challenge") not in ("", first)
    citizens_browser.submit(LAYER, signature=citizens.signature(citizens.key(), _text(page)))
    assert citizens_browser.page.request.path == "/account"


def test_a_challenge_of_another_browser_is_over(citizens: Citizens, citizens_browser: Browser) -> None:
    citizens.person()
    assert citizens.app is not None
    other = Browser(citizens.app.test_client())
    page = other.go(LAYER)
    citizens_browser.go(LAYER)
    signature = citizens.signature(citizens.key(), _text(page))
    answer = citizens_browser.submit(LAYER, challenge=_field(page, "challenge"), signature=signature)
    assert answer.status_code == 400
    assert answer.request.path == LAYER


def test_when_the_nca_is_silent_the_page_says_so_and_offers_other_ways(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    citizens.person()
    citizens.is_away = True
    page = _sign_in(citizens, citizens_browser)
    assert page.status_code == 503
    assert 'href="/login/password"' in page.text
    assert f'href="{PHONE}"' in page.text


def test_without_trust_the_methods_are_not_offered_and_say_why(browser: Browser, person: str) -> None:
    assert LAYER not in browser.go("/login").text
    assert browser.page.request.path == "/login/password"
    for path in (LAYER, PHONE):
        page = browser.go(path)
        assert page.status_code == 503
        assert 'href="/login/password"' in page.text
        assert not re.search(r'name="challenge"', page.text)


def test_the_password_page_offers_both_ways(citizens: Citizens, citizens_browser: Browser) -> None:
    page = citizens_browser.go("/login")
    assert page.request.path == "/login/password"
    assert f'href="{LAYER}"' in page.text
    assert f'href="{PHONE}"' in page.text


def test_too_many_from_one_place_are_slowed_down(citizens: Citizens, citizens_browser: Browser) -> None:
    citizens_browser.go(LAYER)
    with citizens.parts.uow.write() as tx:
        place = citizens.parts.throttle()._hash("place", "127.0.0.1")
        for _ in range(600):
            throttles.count(tx, (place,), now=citizens.clock.now(), window=timedelta(minutes=10))
    page = citizens_browser.submit(LAYER, signature="x")
    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 600
    assert citizens_browser.go(PHONE).status_code == 200


@pytest.mark.parametrize("path", [LAYER, PHONE])
def test_beginning_too_often_at_one_place_is_slowed_down(
    citizens: Citizens, citizens_browser: Browser, path: str
) -> None:
    with citizens.parts.uow.write() as tx:
        place = citizens.parts.throttle()._hash("place", "errand:127.0.0.1")
        for _ in range(600):
            throttles.count(tx, (place,), now=citizens.clock.now(), window=timedelta(minutes=10))
    page = citizens_browser.go(path)
    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 600
    assert 'href="/login/password"' in page.text
    assert 'name="challenge"' not in page.text
    with citizens.parts.uow.read() as tx:
        assert not tx.connection.exec_driver_sql("SELECT count(*) FROM one_time_values").scalar()
    assert citizens_browser.go("/login/password").status_code == 200


def test_who_is_signed_in_is_not_asked_again(citizens: Citizens, citizens_browser: Browser) -> None:
    citizens.person()
    _sign_in(citizens, citizens_browser)
    for path in (LAYER, PHONE):
        assert citizens_browser.go(path).request.path == "/account"


def _begin_phone(browser: Browser) -> str:
    page = browser.go(PHONE)
    assert page.request.path == PHONE
    return page.request.args["c"]


def _state(browser: Browser, challenge: str) -> dict[str, str]:
    answer = browser.client.get(f"{PHONE}/state?c={challenge}")
    found: dict[str, str] = answer.get_json()
    return found


def test_who_is_signed_in_with_a_password_proves_it_with_a_key_in_the_same_session(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    """Step-up by ЭЦҚ: the id stays, the level rises, and one is back where one was."""
    person, parts = citizens.person(), citizens.parts
    with parts.uow.write() as tx:
        opened = parts.sessions.open(
            tx, person_id=person, acr=levels.PASSWORD, amr=("pwd",), is_shared=False, browser="x"
        )
    citizens_browser.client.set_cookie("bilim_id", opened.token)
    citizens.clock.advance(minutes=20)
    citizens_browser.go("/account/security/email")
    again = citizens_browser.page
    assert again.request.path == "/login/again"
    assert f"{LAYER}?again=1" in again.text
    page = citizens_browser.go(f"{LAYER}?again=1")
    assert f'data-renew="{LAYER}?again=1"' in page.text
    citizens_browser.submit(LAYER, signature=citizens.signature(citizens.key(), _text(page)))
    assert citizens_browser.page.request.path == "/account/security/email"
    cookie = citizens_browser.client.get_cookie("bilim_id")
    assert cookie is not None
    after = parts.sessions.current(cookie.value)
    assert after is not None
    assert (after.id, after.acr) == (opened.session_id, levels.EDS)


def test_a_phone_signs_and_this_browser_confirms(citizens: Citizens, citizens_browser: Browser) -> None:
    citizens.person()
    challenge = _begin_phone(citizens_browser)
    page = citizens_browser.page.text
    assert "<svg" in page
    assert "Bilim ID: sign-in challenge" in page
    assert "m.egov.kz/mobileSign/?link=http%3A%2F%2Flocalhost%3A8000%2Fegov%2F" in page
    assert "style=" not in page
    assert _state(citizens_browser, challenge) == {"state": "waiting", "refusal": ""}
    citizens.phone(challenge, citizens.key())
    assert _state(citizens_browser, challenge)["state"] == "delivered"
    assert "Серікова Гүлнара Болатқызы" in citizens_browser.go(f"{PHONE}?c={challenge}").text
    citizens_browser.submit(PHONE)
    assert citizens_browser.page.request.path == "/account"
    assert _state(citizens_browser, challenge)["state"] in ("spent", "over")


def test_a_code_shown_to_another_browser_gives_it_nothing(citizens: Citizens, citizens_browser: Browser) -> None:
    citizens.person()
    challenge = _begin_phone(citizens_browser)
    citizens.phone(challenge, citizens.key())
    assert citizens.app is not None
    other = Browser(citizens.app.test_client())
    answer = other.client.get(f"{PHONE}/state?c={challenge}")
    assert (answer.status_code, answer.get_json()["state"]) == (404, "over")
    page = other.go(f"{PHONE}?c={challenge}")
    assert "Серікова" not in page.text
    other.go(PHONE)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', other.go("/login/password").text)
    assert token
    stolen = other.client.post(PHONE, data={"challenge": challenge, "csrf_token": token[1]})
    assert stolen.status_code == 400
    assert not any(cookie.startswith("bilim_id=") for cookie in stolen.headers.getlist("Set-Cookie"))


def test_waiting_too_long_ends_it_and_a_new_one_can_be_begun(
    citizens: Citizens, citizens_browser: Browser, clock: FixedClock
) -> None:
    citizens.person()
    challenge = _begin_phone(citizens_browser)
    clock.advance(minutes=3)
    assert _state(citizens_browser, challenge)["state"] == "over"
    assert 'id="egov-again"' in citizens_browser.go(f"{PHONE}?c={challenge}").text
    again = _begin_phone(citizens_browser)
    assert again != challenge
    citizens.phone(again, citizens.key())
    citizens_browser.go(f"{PHONE}?c={again}")
    citizens_browser.submit(PHONE)
    assert citizens_browser.page.request.path == "/account"


def test_what_a_phone_could_not_prove_is_told_on_the_page(
    citizens: Citizens, citizens_browser: Browser, clock: FixedClock
) -> None:
    challenge = _begin_phone(citizens_browser)
    key = citizens.key()
    citizens.nca.revoke(key, clock.now())
    with pytest.raises(Exception, match="revoked"):
        citizens.phone(challenge, key)
    assert _state(citizens_browser, challenge) == {"state": "refused", "refusal": "eds_revoked"}
    page = citizens_browser.go(f"{PHONE}?c={challenge}").text
    assert 'id="egov-again"' in page
    assert 'href="/login/password"' in page


def test_whom_the_certificate_does_not_let_in_reads_why_beside_other_ways(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    citizens.membership(citizens.person(), citizens.school(), "teacher")
    for key in (citizens.key("100525600011"), citizens.staff_key(number="150340000019"), citizens.key()):
        page = _sign_in(citizens, citizens_browser, key)
        assert (page.status_code, page.request.path) == (403, LAYER)
        assert 'class="error-summary' in page.text or "error_summary" in page.text or 'role="alert"' in page.text
        assert 'href="/login/password"' in page.text


def test_a_client_that_asks_for_the_highest_level_gets_it(citizens: Citizens, citizens_browser: Browser) -> None:
    assert citizens.app is not None
    citizens.person()
    client = RelyingParty(citizens.parts.clients, citizens.app.test_client())
    page = citizens_browser.go(client.address(acr_values="urn:bilim:acr:eds"))
    assert page.request.path == LAYER
    assert 'href="/login/password' not in page.text
    assert f'href="{PHONE}?i=' in page.text
    citizens_browser.submit(LAYER, signature=citizens.signature(citizens.key(), _text(page)))
    assert citizens_browser.left_for.startswith(f"{REDIRECT}?")


def test_on_a_phone_its_own_app_comes_first(citizens: Citizens, citizens_browser: Browser) -> None:
    assert citizens.app is not None
    client = RelyingParty(citizens.parts.clients, citizens.app.test_client())
    citizens_browser.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 15; Mobile) Mobi"
    assert citizens_browser.go(client.address(acr_values="urn:bilim:acr:eds")).request.path == PHONE


def test_a_made_up_request_of_a_client_is_over_on_both_doors(citizens: Citizens, citizens_browser: Browser) -> None:
    for path in (LAYER, PHONE):
        assert citizens_browser.go(f"{path}?i=made-up").status_code == 400
        assert 'id="error-code">link_expired<' in citizens_browser.page.text


def test_who_says_that_it_was_not_they_leaves_no_errand_to_confirm(
    citizens: Citizens, citizens_browser: Browser
) -> None:
    citizens.person()
    challenge = _begin_phone(citizens_browser)
    citizens.phone(challenge, citizens.key())
    citizens_browser.go(f"{PHONE}?c={challenge}")
    citizens_browser.submit(PHONE, answer="no")
    assert citizens_browser.page.request.path == "/login/password"
    assert _state(citizens_browser, challenge)["state"] in ("spent", "over")
    assert "Серікова" not in citizens_browser.go(f"{PHONE}?c={challenge}").text
