"""The console in a school's middle of the year: every page readable, small, and usable on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from idp.core.clock import FixedClock
from tests.factories.console_ground import ConsoleSite, console_site
from tests.fakes.chromium import visitor
from tests.fakes.databases import migrate
from tests.fakes.page_watch import Watch

pytestmark = pytest.mark.browser
TELEPHONE = (
    "overview", "people", "people-none", "person-new", "person", "person-guardians", "person-cards", "person-consents",
    "person-access", "classes", "class", "guardian-waiting", "cards", "consents", "consent", "campaign", "calendar",
    "request", "breach", "log", "year",
)  # fmt: skip
DESK = {"ru": ("overview", "people", "cards", "log"), "en": ("person", "campaign", "statistics", "settings")}
"""Held to every rule but those of accessibility, which the telephone has shown."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    folder = tmp_path_factory.mktemp("console")
    url = f"sqlite:///{folder / 'console.sqlite3'}"
    migrate(url)
    with console_site(url, folder, FixedClock()) as running:
        yield running


def test_pages_of_a_director_keep_the_rules(browser: Browser, site: ConsoleSite) -> None:
    shown = [("kk", 360, TELEPHONE)] + [(language, 1280, names) for language, names in DESK.items()]
    addresses, cookie = site.pages(), site.cookie("director")
    for language, width, names in shown:
        context = visitor(browser, language=language, width=width)
        context.add_cookies([cookie])
        watch, page = Watch(context, {urlsplit(site.url).netloc}, axe=width < 1280), context.new_page()
        for name in names:
            page.goto(f"{site.url}{addresses[name]}{'&' if '?' in addresses[name] else '?'}lang={language}")
            watch.check(page, name, language=language)
            assert page.locator("main .btn-primary:visible").count() <= 1, f"one filled button: {name}"
        context.close()


def test_what_is_rare_opens_from_one_button_and_every_page_is_reached(browser: Browser, site: ConsoleSite) -> None:
    context = visitor(browser, language="en", width=360, scripts=False)
    context.add_cookies([site.cookie("director")])
    page = context.new_page()
    page.goto(f"{site.url}{site.pages()['people']}?lang=en")
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="Photos").click()
    assert page.get_by_role("link", name="People").get_attribute("aria-current") == "page"
    page.goto(f"{site.url}/admin/retention")
    page.get_by_role("link", name="Overview").click()
    assert page.get_by_role("heading", name="What waits for you").is_visible()
    context.close()
