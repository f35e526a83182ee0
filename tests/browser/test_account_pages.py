"""The account of a parent on a narrow phone and on a wide screen: within the rules of every page, and never cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from idp.core.clock import FixedClock
from tests.factories.family_ground import FamilySite, family_site
from tests.fakes.chromium import visitor
from tests.fakes.page_watch import Watch

pytestmark = pytest.mark.browser
_NARROW = (
    "home", "children", "child-add", "consents", "consent-text", "consent-record", "data-child", "requests", "services",
    "security",
)  # fmt: skip
_WIDE = {"ru": ("home", "consents-of", "request-correction", "services"), "en": ("consent-given", "security")}
# What is pressed; a radio button or a box is pressed by its label, and a link inside a sentence is read first.
_SMALL = """() => [...document.querySelectorAll("main a, main button, main label.choice, main summary, .nav a")]
    .filter(one => !one.closest("p") && one.getBoundingClientRect().height && one.getBoundingClientRect().height < 43.5)
    .map(one => one.textContent.trim())"""
_CUT = """() => [...document.querySelectorAll(".navlink")]
    .filter(one => one.getClientRects().length && one.scrollWidth > one.clientWidth)
    .map(one => one.textContent.trim())"""


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[FamilySite]:
    with family_site(sqlite_url, tmp_path, clock) as running:
        yield running


def _open(site: FamilySite, page: Page, name: str) -> None:
    answer = page.goto(site.url + site.pages()[name])
    assert answer
    assert (answer.status, urlsplit(page.url).path) == (200, site.pages()[name])
    assert page.locator("main .btn-primary:visible").count() <= 1, name


def test_the_pages_keep_the_rules(site: FamilySite, browser: Browser) -> None:
    hosts = {urlsplit(site.url).netloc}
    context = visitor(browser, language="kk", width=360)
    context.add_cookies([site.cookie("gulnara")])
    watch, page = Watch(context, hosts), context.new_page()
    for name in _NARROW:
        _open(site, page, name)
        watch.check(page, name, language="kk")
        assert page.locator(".nav li:visible").count() == 4
        assert (page.evaluate(_SMALL), page.evaluate(_CUT)) == ([], []), name
    page.click("details.me summary")
    page.click(".me-sheet a[href='/account/security']")
    page.wait_for_url("**/account/security")
    context.close()
    for language, names in _WIDE.items():
        context = visitor(browser, language=language, dark=language == "en")
        context.add_cookies([site.cookie("gulnara")])
        watch, page = Watch(context, hosts), context.new_page()
        for name in names:
            _open(site, page, name)
            watch.check(page, name, language=language)
            assert page.locator(".nav [aria-current]").count() == 1
        context.close()
