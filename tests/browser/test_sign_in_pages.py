"""The pages of factors and mail: readable, usable on a narrow phone, and within the rules of every page."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.factories.sign_in_pages import PAGES
from tests.fakes.chromium import visitor
from tests.fakes.page_app import serving
from tests.fakes.page_watch import Watch

pytestmark = pytest.mark.browser
SHOWN = ("passkey-wrong", "factor-totp", "setup-totp", "again-totp", "forgot-code", "security", "security-codes")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(PAGES) as url:
        yield url


def test_the_pages_keep_the_rules(browser: Browser, site: str) -> None:
    for width, dark in ((360, False), (1280, True)):
        context = visitor(browser, language="kk", width=width, dark=dark)
        watch, page = Watch(context, {urlsplit(site).netloc}), context.new_page()
        for name in SHOWN:
            page.goto(f"{site}/page/{name}?lang=kk")
            watch.check(page, name, language="kk")
        context.close()


def test_nothing_scrolls_sideways_at_320_pixels(browser: Browser, site: str) -> None:
    context = visitor(browser, language="ru", width=320)
    page, wide = context.new_page(), []
    for name in PAGES:
        page.goto(f"{site}/page/{name}?lang=ru")
        assert page.locator("main h1").count() == 1, name
        if page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            wide.append(name)
    assert wide == []
    context.close()
