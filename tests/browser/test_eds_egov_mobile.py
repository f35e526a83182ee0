"""Signing in with eGov Mobile: a browser waits, a simulated phone signs, the browser confirms."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.eds import comes_to, is_asked_for, is_in_the_cabinet, link_of, phone
from tests.browser.screens import SCREENS
from tests.browser.walk import Walk

pytestmark = pytest.mark.browser
_METHOD = "eds_egov_mobile"


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_the_page_follows_the_phone_and_asks_who_it_was(walk: Walk, language: str, width: int) -> None:
    gulnara = walk.visitor("gulnara", language=language, width=width)
    page = comes_to(gulnara, _METHOD)
    gulnara.check("QR code")
    link = link_of(page)
    phone(gulnara, link, cancel=True)
    is_asked_for(page, ".scanned")
    gulnara.check("fetched")
    phone(gulnara, link)
    is_asked_for(page, "#egov-confirm")
    gulnara.check("delivered")
    expect(page.locator(".signer b")).to_have_text(re.compile("Гүлнара", re.IGNORECASE))
    page.click("#egov-confirm")
    is_in_the_cabinet(gulnara)
    assert gulnara.passwords_typed() == 0


def test_the_phone_shows_the_code_that_the_page_shows(walk: Walk) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    code = page.locator(".letters b").inner_text()
    assert re.fullmatch("[A-Z0-9]{3} [A-Z0-9]{3}", code)
    assert f"Code: {code}" in phone(gulnara, link_of(page), cancel=True)


def test_the_link_stands_first_on_a_phone_and_last_on_a_desk(walk: Walk) -> None:
    order = {}
    for width in (360, 1280):
        page = comes_to(walk.visitor("gulnara", width=width), _METHOD)
        link, code = page.locator("#egov-open").bounding_box(), page.locator(".qr").bounding_box()
        assert link is not None
        assert code is not None
        order[width] = link["y"] < code["y"]
    assert order == {360: True, 1280: False}


def test_the_code_stands_on_white_in_the_dark_and_is_large(walk: Walk) -> None:
    page = comes_to(walk.visitor("gulnara", width=360, dark=True), _METHOD)
    ground = page.locator(".qr").evaluate("element => getComputedStyle(element).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    box = page.locator(".qr svg").bounding_box()
    assert box is not None
    assert box["width"] >= 240


def test_who_says_no_begins_anew_with_another_code(walk: Walk) -> None:
    gulnara = walk.visitor("gulnara", language="en")
    page = comes_to(gulnara, _METHOD)
    before = link_of(page)
    phone(gulnara, before)
    is_asked_for(page, "#egov-confirm")
    page.click("#egov-cancel")
    page.wait_for_url("**/login/password?*")
    page.click('a[href^="/login/eds_egov_mobile"]')
    expect(page.locator(".qr")).to_be_visible()
    assert link_of(page) != before
    phone(gulnara, link_of(page))
    is_asked_for(page, "#egov-confirm")
    page.click("#egov-confirm")
    is_in_the_cabinet(gulnara)


def test_a_refused_signature_says_why_and_the_way_is_open_again(walk: Walk) -> None:
    gulnara = walk.visitor("gulnara", language="en", width=360)
    page = comes_to(gulnara, _METHOD)
    phone(gulnara, link_of(page), key="revoked")
    is_asked_for(page, "#error-summary")
    expect(page.locator("#error-summary")).to_contain_text("has been revoked")
    gulnara.check("refused")
    page.click("#egov-again")
    phone(gulnara, link_of(page))
    is_asked_for(page, "#egov-confirm")
    page.click("#egov-confirm")
    is_in_the_cabinet(gulnara)


def test_another_browser_learns_nothing_of_it(walk: Walk) -> None:
    """Whoever copies the address of the page neither sees the code nor may confirm."""
    gulnara = walk.visitor("gulnara", language="en")
    page = comes_to(gulnara, _METHOD)
    phone(gulnara, link_of(page))
    is_asked_for(page, "#egov-confirm")
    other = walk.visitor("marat", language="en")
    other.page.goto(re.sub("&i=.*", "", page.url))
    expect(other.page.locator("#error-summary")).to_contain_text("The time for signing is over")
    assert other.page.locator("#egov-confirm").count() == 0
    page.click("#egov-confirm")
    is_in_the_cabinet(gulnara)


def test_without_scripts_a_button_asks(walk: Walk) -> None:
    gulnara = walk.visitor("gulnara", language="en", scripts=False)
    page = comes_to(gulnara, _METHOD)
    phone(gulnara, link_of(page))
    page.get_by_role("link", name="I have signed, check now").click()
    page.click("#egov-confirm")
    is_in_the_cabinet(gulnara)


def test_a_tab_out_of_sight_does_not_ask(walk: Walk) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    page.clock.install()
    page.reload()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/state?" in request.url else None)
    page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.clock.run_for(20_000)
    assert asked == []
    with page.expect_request("**/state?*"):
        page.evaluate("() => { delete document.hidden; document.dispatchEvent(new Event('visibilitychange')); }")
