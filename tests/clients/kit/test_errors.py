"""Errors: a code, a reference number, never the error's own words."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from clients.textbooks import reading
from tests.fakes.client_browser import World


def test_a_missing_page_has_a_reference_number(textbooks: World) -> None:
    answer = textbooks.browser().get("/nothing")
    assert answer.status_code == 404
    assert 'id="error-code">not_found<' in answer.text
    number = answer.text.split('id="error-reference">')[1].split("<")[0]
    assert len(number) == 7


def test_an_unknown_error_says_nothing_of_itself(textbooks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("password=hunter2")

    browser = textbooks.browser()
    browser.sign_in()
    monkeypatch.setattr(reading, "places_of", fail)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "server_error" in answer.text
    assert "hunter2" not in answer.text


def test_a_database_that_is_away_is_worth_trying_again(textbooks: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise OperationalError("SELECT 1", None, Exception("gone"))

    browser = textbooks.browser()
    browser.sign_in()
    monkeypatch.setattr(reading, "places_of", fail)
    answer = browser.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert 'id="error-code">unavailable<' in answer.text


def test_a_stale_form_asks_to_send_it_again(textbooks: World) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    for token in ("", "wrong"):
        answer = browser.post("/books/svet-i-ten/quiz", data={"q0": "1", "csrf_token": token})
        assert answer.status_code == 400
        assert 'id="error-code">csrf<' in answer.text


def test_too_much_and_a_wrong_method_are_told(textbooks: World) -> None:
    browser = textbooks.browser()
    assert browser.post("/backchannel-logout", data={"logout_token": "x" * 100_000}).status_code == 413
    assert browser.post("/books/svet-i-ten", data={}).status_code in (400, 405)
