"""Tokens in use: fresh claims, one refresh for many page loads, a kind end."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from requests import ConnectionError as NoConnection

from clients.kit.api import Caller, SessionEnded, tokens_of
from clients.kit.sessions import ClientSession
from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from tests.fakes.client_browser import Browser, World


@pytest.fixture
def session(textbooks: World) -> ClientSession:
    browser = textbooks.browser()
    browser.sign_in()
    found = textbooks.kit.sessions.find(browser.cookie())
    assert found is not None
    return found


def call(world: World, session: ClientSession) -> dict[str, object]:
    with world.app.test_request_context():
        return Caller(world.kit).claims(session)


def test_claims_are_what_the_idp_says_now(textbooks: World, session: ClientSession) -> None:
    assert call(textbooks, session)["given_name"] == "Айгерім"
    textbooks.provider.person["given_name"] = "Әйгерім"
    assert call(textbooks, session)["given_name"] == "Әйгерім"
    assert textbooks.provider.refreshes == 0


def test_an_expired_token_is_refreshed_before_it_is_used(
    textbooks: World, session: ClientSession, clock: FixedClock
) -> None:
    clock.advance(minutes=10)
    assert call(textbooks, session)["sub"] == "sub-aigerim"
    assert textbooks.provider.refreshes == 1


def test_a_token_revoked_early_is_refreshed_once(textbooks: World, session: ClientSession) -> None:
    textbooks.provider.forget_access_tokens()
    assert call(textbooks, session)["sub"] == "sub-aigerim"
    assert textbooks.provider.refreshes == 1


def test_parallel_page_loads_share_one_refresh(textbooks: World, session: ClientSession, clock: FixedClock) -> None:
    clock.advance(minutes=10)
    together = threading.Barrier(8)

    def load() -> object:
        together.wait()
        return call(textbooks, session)["sub"]

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(load) for _ in range(8)]]
    assert answers == ["sub-aigerim"] * 8
    assert (textbooks.provider.refreshes, textbooks.provider.reuses) == (1, 0)


def test_a_session_dead_at_the_idp_ends_here(textbooks: World, session: ClientSession, clock: FixedClock) -> None:
    textbooks.provider.end_session()
    with pytest.raises(SessionEnded):
        call(textbooks, session)
    assert textbooks.kit.sessions.again(session) is None


def test_an_idp_that_does_not_answer_ends_nothing(textbooks: World, session: ClientSession, clock: FixedClock) -> None:
    textbooks.transport.failing = NoConnection()
    for minutes in (0, 10):
        clock.advance(minutes=minutes)
        with pytest.raises(Unavailable):
            call(textbooks, session)
    textbooks.transport.failing = None
    assert call(textbooks, session)["sub"] == "sub-aigerim"
    assert textbooks.provider.reuses == 0


def test_the_claims_of_another_subject_are_not_used(textbooks: World, session: ClientSession) -> None:
    textbooks.provider.grants[-1].claims["sub"] = "somebody-else"
    with pytest.raises(SessionEnded):
        call(textbooks, session)


def test_waiting_for_a_refresh_that_never_ends_gives_up(
    textbooks: World, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert textbooks.kit.sessions.begin_refresh(session)
    monkeypatch.setattr("clients.kit.api._WAIT", 0.0)
    with pytest.raises(Unavailable), textbooks.app.test_request_context():
        Caller(textbooks.kit, pause=lambda _seconds: None).refreshed(session)
    assert textbooks.provider.refreshes == 0


def test_a_token_answer_without_a_bearer_token_is_no_answer(textbooks: World) -> None:
    for answer in ({}, {"access_token": "a"}, {"access_token": "a", "token_type": "mac"}, {"token_type": "Bearer"}):
        with pytest.raises(Unavailable):
            tokens_of(answer, textbooks.kit)


def test_a_page_tells_a_dead_session_kindly(textbooks: World) -> None:
    browser: Browser = textbooks.browser()
    browser.sign_in()
    textbooks.provider.end_session()
    answer = browser.follow(browser.get("/books/svet-i-ten/2"))
    assert 'id="session-ended"' in answer.text
    assert "/login?next=%2Fbooks%2Fsvet-i-ten%2F2" in answer.text
    assert browser.cookie() == ""
