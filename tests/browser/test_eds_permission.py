"""The browser's own question whether a page may reach this computer: refused, granted, and never asked too early."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.eds import says
from tests.browser.public import Public, running_public
from tests.fakes.chromium import launched, visitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    with running_public(tmp_path_factory.mktemp("public")) as running:
        yield running


@pytest.fixture
def guarded(public: Public, browser: Browser) -> Iterator[Browser]:
    """A browser for which the IdP's address is a public one; the session's other browser knows only loopback."""
    with launched(browser.browser_type, *public.flags, whole=True) as started:
        yield started


@pytest.fixture
def page(public: Public, guarded: Browser) -> Page:
    public.layer.choose("stranger")
    page = visitor(guarded, language="en").new_page()
    page.goto(f"{public.issuer}/login/eds_ncalayer")
    return page


def _set(context: BrowserContext, page: Page, origin: str, setting: str) -> None:
    """The answer that the person gave, or changed beside the address."""
    session = context.new_cdp_session(page)
    target = session.send("Target.getTargetInfo")["targetInfo"]
    for name in ("loopback-network", "local-network-access"):
        chosen = {"permission": {"name": name}, "setting": setting, "origin": origin}
        session.send("Browser.setPermission", chosen | {"browserContextId": target["browserContextId"]})


def test_no_connection_is_tried_before_the_press(page: Page) -> None:
    opened: list[str] = []
    page.on("websocket", lambda socket: opened.append(socket.url))
    expect(page.get_by_text("The browser may ask for permission")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert opened == []
    page.click("#eds-submit")
    says(page, "ncalayer_denied")
    assert len(opened) == 1


def test_a_question_that_is_dismissed_is_no_missing_ncalayer(page: Page) -> None:
    """A browser without a window refuses by itself what nobody answers."""
    page.click("#eds-submit")
    says(page, "ncalayer_denied")
    expect(page.locator("[data-say=ncalayer_denied]")).to_contain_text("to the left of the address")


def test_who_refused_may_permit_and_press_again_without_loading_the_page_anew(public: Public, page: Page) -> None:
    _set(page.context, page, public.issuer, "denied")
    page.click("#eds-submit")
    says(page, "ncalayer_denied")
    _set(page.context, page, public.issuer, "granted")
    page.click("#eds-submit")
    page.wait_for_url("**/login/welcome")


def test_who_permits_signs_in(public: Public, page: Page) -> None:
    _set(page.context, page, public.issuer, "granted")
    page.click("#eds-submit")
    page.wait_for_url("**/login/welcome")
    expect(page.locator("h1")).to_have_text("Welcome")


def test_where_nothing_listens_ncalayer_is_said_not_to_run(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        running_public(tmp_path_factory.mktemp("absent"), is_there=False) as public,
        launched(browser.browser_type, *public.flags, whole=True) as guarded,
    ):
        page = visitor(guarded, language="en").new_page()
        page.goto(f"{public.issuer}/login/eds_ncalayer")
        _set(page.context, page, public.issuer, "granted")
        page.click("#eds-submit")
        says(page, "ncalayer_absent")
        expect(page.locator("[data-say=ncalayer_absent]")).to_contain_text("ncl.pki.gov.kz")
        expect(page.locator("#eds-submit")).not_to_have_attribute("aria-disabled", "true")
        page.click(".way[href*=password]")
        page.wait_for_url("**/login/password")
