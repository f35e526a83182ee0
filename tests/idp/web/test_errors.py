"""web/errors: every refusal has a page or JSON, a code and a reference number."""

import re

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from tests.fakes.browser import Browser


def test_a_page_that_is_not_there_says_so_with_a_reference(browser: Browser) -> None:
    assert browser.go("/no-such-page").status_code == 404
    assert 'id="error-code">not_found<' in browser.page.text
    assert re.search(r'id="error-reference">[0-9A-Z]{3} [0-9A-Z]{3}<', browser.page.text)


def test_machines_get_json(browser: Browser) -> None:
    answer = browser.client.get("/oauth/nothing")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"] == "not_found"


def test_something_unforeseen_shows_nothing_of_itself(app: Flask, browser: Browser) -> None:
    def broken() -> str:
        raise RuntimeError("secret detail")

    app.view_functions["account.index"] = broken
    answer = browser.client.get("/")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert 'id="error-code">server_error<' in answer.text


def test_a_wrong_verb_names_the_right_ones(browser: Browser) -> None:
    answer = browser.client.delete("/account")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_huge_body_is_refused_before_it_is_read(browser: Browser) -> None:
    answer = browser.client.post("/login/password", data={"username": "x" * 400_000})
    assert answer.status_code == 413


@pytest.mark.parametrize("outage", [OperationalError, InterfaceError])
def test_a_database_that_does_not_answer_is_a_503_with_a_reference(
    app: Flask, browser: Browser, outage: type[DBAPIError]
) -> None:
    def broken() -> str:
        raise outage("SELECT 1", {"hash": "secret detail"}, Exception("connection refused"))

    app.view_functions["account.index"] = broken
    answer = browser.client.get("/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert 'id="error-code">unavailable<' in answer.text
    assert re.search(r'id="error-reference">[0-9A-Z]{3} [0-9A-Z]{3}<', answer.text)
