"""For whoever sees little, uses no mouse, works in the dark or on a very narrow screen; and the ids scripts rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.walk import BOOK, Visitor, Walk

pytestmark = pytest.mark.browser
_CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
_BOOKS = {BOOK: 5, "svet-i-ten": 5}


def _signed_in(visitor: Visitor) -> Visitor:
    """At the cabinet and, with consent given, at the textbooks."""
    visitor.sign_in()
    visitor.open_textbooks()
    return visitor


def _pages(visitor: Visitor) -> Iterator[str]:
    """Opens everything that a pupil can open, one page after another."""
    urls = visitor.dev.urls
    addresses = [
        *(f"{urls['cabinet']}{path}" for path in ("/", "/resources", "/children", "/classes", "/me")),
        *(f"{urls['textbooks']}{path}" for path in ("/", "/classes")),
        *(f"{urls['idp']}{path}" for path in ("/account", "/account/password", "/oauth/logout", "/login/forgot")),
    ]
    for book, pages in _BOOKS.items():
        at = f"{urls['textbooks']}/books/{book}"
        addresses += [at, *(f"{at}/{number}" for number in range(1, pages + 1)), f"{at}/quiz?again=1"]
    for address in addresses:
        answer = visitor.page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        yield address


def test_every_page_is_readable_in_the_dark(walk: Walk) -> None:
    pupil = walk.visitor("aigerim", dark=True, axe=False)
    axe, page = Axe(), pupil.page
    page.goto(f"{pupil.dev.urls['cabinet']}/")
    assert axe.run(page, options=_CONTRAST).violations_count == 0
    page.click("#sign-in")
    assert axe.run(page, options=_CONTRAST).violations_count == 0
    _signed_in(pupil)
    for address in _pages(pupil):
        found = axe.run(page, options=_CONTRAST)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"


def test_nothing_scrolls_sideways_at_320_pixels(walk: Walk) -> None:
    pupil = _signed_in(walk.visitor("aigerim", language="ru", width=320))
    wide = [address for address in _pages(pupil) if _overflows(pupil.page)]
    assert wide == []


def test_two_hundred_percent_zoom_hides_nothing(walk: Walk) -> None:
    """1280 px at 200 % is a window of 640 px."""
    pupil = _signed_in(walk.visitor("aigerim", language="en", width=640))
    assert [address for address in _pages(pupil) if _overflows(pupil.page)] == []


def test_signing_in_needs_no_mouse(walk: Walk) -> None:
    pupil = walk.visitor("aigerim")
    page = pupil.page
    page.goto(f"{pupil.dev.urls['cabinet']}/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    _tab_to(page, "#sign-in")
    page.keyboard.press("Enter")
    pupil.arrived("idp")
    _tab_to(page, "#username")
    page.keyboard.type("aigerim")
    _tab_to(page, "#password")
    page.keyboard.type(pupil.dev.accounts["aigerim"])
    page.keyboard.press("Enter")
    pupil.arrived("cabinet")
    _tab_to(page, "#resource-textbooks")
    page.keyboard.press("Enter")
    pupil.arrived("idp")
    _tab_to(page, "#consent-allow")
    page.keyboard.press("Enter")
    pupil.arrived("textbooks")
    _tab_to(page, "details.me > summary")
    page.keyboard.press("Enter")
    _tab_to(page, "#sign-out")
    page.keyboard.press("Enter")
    expect(page.locator("#signed-out")).to_be_visible()


def test_a_wrong_password_is_told_beside_the_field_and_names_no_reason(walk: Walk) -> None:
    pupil = walk.visitor("aigerim", language="en", width=360)
    page = pupil.page
    texts = []
    for username in ("aigerim", "nobody-of-that-name"):
        page.goto(f"{pupil.dev.urls['idp']}/login?lang=en")
        page.fill("#username", username)
        page.fill("#password", "wrong")
        page.click("#login-submit")
        expect(page.locator("[role=alert], .error-summary").first).to_be_visible()
        pupil.watch.complaints.clear()  # the browser itself reports the 401
        pupil.check("login")
        texts.append(page.locator("main").inner_text())
    assert texts[0] == texts[1]


def test_the_ids_that_scripts_rely_on_are_there(walk: Walk) -> None:
    pupil = walk.visitor("aigerim")
    page, urls = pupil.page, pupil.dev.urls
    page.goto(f"{urls['textbooks']}/login")
    _has(page, "username", "password", "login-submit")
    page.fill("#username", "aigerim")
    page.fill("#password", pupil.dev.accounts["aigerim"])
    page.click("#login-submit")
    _has(page, "consent-allow", "consent-deny")
    page.click("#consent-deny")
    _has(page, "sign-in-denied")
    page.goto(f"{urls['idp']}/oauth/logout")
    _has(page, "logout-yes", "logout-no")
    page.goto(f"{urls['idp']}/oauth/authorize?client_id=nobody")
    _has(page, "error-code", "error-reference")
    assert page.locator("#error-code").inner_text() == "invalid_client"


def _has(page: Page, *ids: str) -> None:
    for name in ids:
        expect(page.locator(f"#{name}")).to_have_count(1)


def _tab_to(page: Page, selector: str) -> None:
    target = page.locator(selector)
    for _ in range(30):
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate("element => element.matches(':focus-visible')")
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab at {page.url}")


def _overflows(page: Page) -> bool:
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    scrolling = """() => [...document.querySelectorAll('main *')].some(one =>
        one.scrollWidth > one.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))"""
    return bool(page.evaluate(wide) > 0 or page.evaluate(scrolling))
