"""Every page of signing and checking in each of its states, in three languages, narrow and wide, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.browser.screens import SCREENS
from tests.factories.eds_pages import PAGES
from tests.fakes.chromium import visitor
from tests.fakes.page_app import serving
from tests.fakes.page_watch import Watch

pytestmark = pytest.mark.browser
SHOWN = (
    "eds-ncalayer",
    "eds-ncalayer-eds_untrusted",
    "eds-ncalayer-off",
    "eds-egov",
    "eds-egov-fetched",
    "eds-egov-delivered",
    "eds-egov-over",
    "eds-second-wrong",
    "eds-welcome-staff",
    "account-offer",
    "sign",
    "sign-refused",
    "sign-signed",
    "sign-expired",
    "sign-phone",
    "sign-phone-delivered",
    "verify-verify_swapped",
    "verify-good",
    "verify-test-key",
)
_CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(PAGES) as url:
        yield url


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_every_page_keeps_the_rules(browser: Browser, site: str, language: str, width: int) -> None:
    context = visitor(browser, language=language, width=width)
    context.route("**/state?*", lambda route: None)  # the phone's state is never told here
    # The markup is one for all languages and widths.
    watch, page = Watch(context, {urlsplit(site).netloc}, axe=language == "kk"), context.new_page()
    for name in SHOWN:
        page.goto(f"{site}/page/{name}?lang={language}")
        watch.check(page, name, language=language)
    context.close()


def test_every_page_is_readable_in_the_dark(browser: Browser, site: str) -> None:
    context = visitor(browser, dark=True)
    axe, page = Axe(), context.new_page()
    for name in SHOWN:
        page.goto(f"{site}/page/{name}?lang=kk")
        assert page.locator("main h1").count() == 1, name
        found = axe.run(page, options=_CONTRAST)
        assert found.violations_count == 0, f"{name}\n{found.generate_report()}"
    context.close()


@pytest.mark.parametrize("language", ["ru", *(pytest.param(one, marks=pytest.mark.soak) for one in ("kk", "en"))])
def test_nothing_scrolls_sideways_at_320_pixels(browser: Browser, site: str, language: str) -> None:
    context = visitor(browser, language=language, width=320)
    page = context.new_page()
    wide = []
    for name in PAGES:
        page.goto(f"{site}/page/{name}?lang={language}")
        assert page.locator("main h1").count() == 1, name
        if page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0:
            wide.append(name)
    context.close()
    assert wide == []
