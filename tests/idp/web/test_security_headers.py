"""web/security_headers: on every answer."""

import pytest

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
