"""The app, a pupil whose name only Kazakh letters can write, and a service that her school has switched on."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.parts import Parts
from tests.factories.relying_party import RelyingParty
from tests.fakes.browser import Browser
from tests.flows.school import School, open_school
from tests.idp.web.conftest import PASSWORD, app, browser, parts

__all__ = ["app", "browser", "parts"]


@pytest.fixture
def school(parts: Parts) -> School:
    return open_school(parts)


@pytest.fixture
def textbooks(parts: Parts, app: Flask, school: School) -> RelyingParty:
    """Asks nobody for consent, so that a story is about one thing."""
    return RelyingParty(parts.clients, app.test_client(), bilim_schools=[school.id])


@pytest.fixture
def signed_in(browser: Browser, school: School) -> Browser:
    browser.go("/login")
    browser.submit("/login/password", username=school.username, password=PASSWORD)
    assert browser.page.request.path == "/account"
    return browser
