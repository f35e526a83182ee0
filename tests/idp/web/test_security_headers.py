"""web/security_headers: on every answer."""

import pytest
from flask import Flask, g

from tests.fakes.browser import Browser


@pytest.mark.parametrize("path", ["/", "/login/password", "/no-such-page", "/healthz", "/static/css/base.css"])
def test_every_answer_is_guarded(browser: Browser, path: str) -> None:
    answer = browser.client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_pages_are_not_kept_by_anybody(browser: Browser) -> None:
    assert browser.client.get("/login/password").headers["Cache-Control"] == "no-store"


def test_a_door_may_widen_what_it_needs_and_nothing_else(app: Flask) -> None:
    @app.get("/wide")
    def wide() -> str:
        g.connect_src = ["wss://127.0.0.1:13579"]
        g.form_action = ["https://vendor.example"]
        return ""

    policy = app.test_client().get("/wide").headers["Content-Security-Policy"]
    assert "connect-src 'self' wss://127.0.0.1:13579; manifest-src 'self';" in policy
    assert policy.endswith("form-action 'self' https://vendor.example")
    assert policy.count("13579") == policy.count("vendor") == 1
