"""Login, callback, sign-out and back-channel logout, as a browser and an IdP meet them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from requests import ConnectionError as NoConnection

from idp.core.clock import FixedClock
from tests.fakes.client_browser import World


def test_a_login_asks_with_pkce_nonce_state_and_language(textbooks: World) -> None:
    browser = textbooks.browser()
    asked = parse_qs(urlsplit(browser.get("/login?lang=ru").headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == ["http://localhost:8004/callback"]
    assert asked["ui_locales"] == ["ru"]
    assert asked["scope"] == ["openid profile school roles classes"]
    assert len(asked["nonce"][0]) >= 20
    assert len(asked["state"][0]) >= 20


def test_a_login_comes_back_to_the_page_it_began_at(textbooks: World) -> None:
    browser = textbooks.browser()
    answer = browser.follow(browser.get("/books/svet-i-ten/3"))
    assert answer.status_code == 200
    assert "Дерево, палка и тень" in answer.text


def test_the_session_cookie_is_new_with_every_login(textbooks: World) -> None:
    browser = textbooks.browser()
    browser.client.set_cookie("bilim_textbooks", "planted", domain="localhost")
    browser.sign_in()
    first = browser.cookie()
    browser.sign_in()
    assert "planted" not in (first, browser.cookie())
    assert first != browser.cookie()
    assert textbooks.kit.sessions.find(first) is None


def test_cookies_are_closed_to_scripts_and_other_sites(textbooks: World) -> None:
    browser = textbooks.browser()
    location = browser.to_provider(browser.get("/login").headers["Location"]).headers["Location"]
    parts = urlsplit(location)
    set_cookies = browser.get(f"{parts.path}?{parts.query}").headers.getlist("Set-Cookie")
    session = next(cookie for cookie in set_cookies if cookie.startswith("bilim_textbooks="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
    assert "Path=/" in session
    assert "Expires" not in session
    assert "Max-Age" not in session


def test_a_code_of_another_browser_is_refused(textbooks: World) -> None:
    victim, attacker = textbooks.browser(), textbooks.browser()
    location = attacker.to_provider(attacker.get("/login").headers["Location"]).headers["Location"]
    parts = urlsplit(location)
    answer = victim.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 400
    assert "link_expired" in answer.text
    assert victim.cookie() == ""


def test_a_callback_works_once_and_the_back_button_leads_home(textbooks: World) -> None:
    browser = textbooks.browser()
    location = browser.to_provider(browser.get("/login").headers["Location"]).headers["Location"]
    parts = urlsplit(location)
    callback = f"{parts.path}?{parts.query}"
    assert browser.get(callback).headers["Location"] == "/"
    assert browser.get(callback).headers["Location"] == "/"
    assert len(textbooks.provider.grants) == 1
    assert textbooks.browser().get(callback).status_code == 400


def test_an_answer_of_another_issuer_is_refused(textbooks: World) -> None:
    for iss in ("&iss=https%3A%2F%2Fother.example", ""):
        browser = textbooks.browser()
        location = browser.to_provider(browser.get("/login").headers["Location"]).headers["Location"]
        query = "&".join(part for part in urlsplit(location).query.split("&") if not part.startswith("iss="))
        assert browser.get(f"/callback?{query}{iss}").status_code == 403
        assert browser.cookie() == ""


def test_a_changed_nonce_is_refused(textbooks: World) -> None:
    browser = textbooks.browser()
    location = browser.to_provider(browser.get("/login").headers["Location"]).headers["Location"]
    textbooks.provider.grants[-1].nonce = "other"
    parts = urlsplit(location)
    answer = browser.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 403
    assert "login_failed" in answer.text


@pytest.mark.parametrize(
    ("error", "status", "sign"),
    [
        ("access_denied", 403, 'id="sign-in-denied"'),
        ("login_required", 403, 'id="sign-in-unfinished"'),
        ("interaction_required", 403, 'id="sign-in-unfinished"'),
        ("temporarily_unavailable", 503, "unavailable"),
        ("server_error", 403, "login_failed"),
        ("<script>", 403, "login_failed"),
    ],
)
def test_a_refusal_of_the_idp_is_told_kindly(textbooks: World, error: str, status: int, sign: str) -> None:
    textbooks.provider.error = error
    answer = textbooks.browser().sign_in("/books/svet-i-ten/2")
    assert answer.status_code == status
    assert sign in answer.text
    assert "<script>" not in answer.text.replace("<script src", "")


def test_a_login_begun_by_the_cabinet_starts_at_once(textbooks: World) -> None:
    browser = textbooks.browser()
    target = "http://localhost:8004/books/svet-i-ten/2"
    query = {"iss": "http://localhost:8000", "target_link_uri": target, "login_hint": "aigerim"}
    for answer in (browser.get("/login", query_string=query), browser.post("/login", data=query)):
        assert answer.headers["Location"].startswith("http://localhost:8000/oauth/authorize?")
        assert "login_hint=aigerim" in answer.headers["Location"]
        assert "Тень и полутень" in browser.follow(answer).text


@pytest.mark.parametrize(
    "query",
    [
        {"iss": "https://other.example"},
        {"iss": "http://localhost:8000/"},
        {"iss": ""},
        {"target_link_uri": "https://evil.example/"},
        {"target_link_uri": "//evil.example"},
        {"next": "https://evil.example/"},
        {"next": "/\\evil.example"},
    ],
)
def test_a_login_that_leads_elsewhere_is_refused(textbooks: World, query: dict[str, str]) -> None:
    answer = textbooks.browser().get("/login", query_string=query)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_signing_out_needs_the_form_and_reaches_the_idp(textbooks: World) -> None:
    browser = textbooks.browser()
    page = browser.sign_in()
    cookie = browser.cookie()
    assert browser.post("/logout").status_code == 400
    assert textbooks.kit.sessions.find(cookie)
    assert 'id="logout-yes"' in browser.get("/logout").text
    assert textbooks.kit.sessions.find(cookie)
    answer = browser.post("/logout", data={"csrf_token": browser.form_token(page)})
    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith("http://localhost:8000/oauth/logout?")
    assert sent["post_logout_redirect_uri"] == ["http://localhost:8004/"]
    assert sent["id_token_hint"][0].count(".") == 2
    assert textbooks.kit.sessions.find(cookie) is None
    assert 'id="signed-out"' in browser.follow(answer).text


def test_signing_out_works_while_the_idp_is_away(textbooks: World) -> None:
    browser = textbooks.browser()
    page = browser.sign_in()
    textbooks.kit.provider.server_metadata.clear()
    textbooks.transport.failing = NoConnection()
    answer = browser.post("/logout", data={"csrf_token": browser.form_token(page)})
    assert 'id="signed-out"' in browser.follow(answer).text
    assert browser.cookie() == ""


def test_a_logout_token_ends_the_session_and_works_once(textbooks: World) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    token = textbooks.provider.logout_token("textbooks")
    answer = browser.post("/backchannel-logout", data={"logout_token": token})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert 'id="session-ended"' in browser.follow(browser.get("/")).text
    browser.sign_in()
    assert browser.post("/backchannel-logout", data={"logout_token": token}).status_code == 400
    assert browser.get("/").status_code == 200


def test_a_wrong_logout_token_ends_nothing(textbooks: World) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    for token in ("", "x", textbooks.provider.logout_token("cabinet")):
        answer = browser.post("/backchannel-logout", data={"logout_token": token})
        assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
    assert browser.get("/backchannel-logout").status_code == 405
    assert "Айгерім" in browser.get("/").text


def test_a_session_that_is_idle_ends_kindly(textbooks: World, clock: FixedClock) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    clock.advance(hours=3)
    assert 'id="session-ended"' in browser.follow(browser.get("/")).text
    assert browser.get("/").status_code == 200
