"""Signing in through NCALayer in a real browser: known, new, cancelled, refused, and tried again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.eds import Layer, comes_to, is_in_the_cabinet, layer_of, says
from tests.browser.screens import SCREENS
from tests.browser.walk import Walk
from tests.fakes.servers import Dev

pytestmark = pytest.mark.browser
_METHOD = "eds_ncalayer"


@pytest.fixture
def layer(dev: Dev) -> Layer:
    return layer_of(dev)


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_a_parent_known_here_signs_in_with_one_press(walk: Walk, layer: Layer, language: str, width: int) -> None:
    gulnara = walk.visitor("gulnara", language=language, width=width)
    page = comes_to(gulnara, _METHOD)
    gulnara.check("ЭЦҚ")
    page.click("#eds-submit")
    is_in_the_cabinet(gulnara)
    assert gulnara.passwords_typed() == 0


@pytest.mark.parametrize("language", ["kk", *(pytest.param(one, marks=pytest.mark.soak) for one in ("ru", "en"))])
def test_a_stranger_types_nothing_and_lands_in_the_cabinet(walk: Walk, layer: Layer, language: str) -> None:
    """Somebody who agreed once is known; whoever leaves the welcome stays a stranger."""
    stranger = walk.visitor("stranger", language=language, width=360)
    layer.choose("stranger")
    page = comes_to(stranger, _METHOD)
    page.click("#eds-submit")
    page.wait_for_url("**/login/welcome?*")
    stranger.check("welcome")
    assert page.locator("main input:visible").count() == 0
    page.click("#welcome-cancel")
    page.wait_for_url("**/login/password?*")


def test_a_stranger_who_agrees_is_a_guardian_without_children(walk: Walk, layer: Layer) -> None:
    stranger = walk.visitor("stranger")
    layer.choose("stranger")
    page = comes_to(stranger, _METHOD)
    page.click("#eds-submit")
    page.click("#welcome-submit")
    is_in_the_cabinet(stranger)
    assert stranger.passwords_typed() == 0
    again = walk.visitor("stranger")
    page = comes_to(again, _METHOD)
    page.click("#eds-submit")
    is_in_the_cabinet(again)


@pytest.mark.parametrize(("answer", "old"), [("cancel", False), ("cancel-code", False), ("cancel", True)])
def test_cancelling_is_no_error_and_the_button_works_again(walk: Walk, layer: Layer, answer: str, old: bool) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    layer.choose(answer=answer, old=old)
    page.click("#eds-submit")
    says(page, "ncalayer_cancelled")
    gulnara.check("cancelled")
    expect(page.locator("#eds-submit")).not_to_have_attribute("aria-disabled", "true")
    page.click("#eds-submit")
    is_in_the_cabinet(gulnara)


def test_an_error_of_ncalayer_is_told_with_its_code(walk: Walk, layer: Layer) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    layer.choose(answer="error")
    page.click("#eds-submit")
    says(page, "ncalayer_failed")
    expect(page.locator("[data-detail]")).to_contain_text("SIGNING_FAILURE")
    page.click("#eds-submit")
    is_in_the_cabinet(gulnara)


def test_an_old_ncalayer_signs_too(walk: Walk, layer: Layer) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    layer.choose(old=True)
    page.click("#eds-submit")
    is_in_the_cabinet(gulnara)


def test_while_ncalayer_waits_the_button_is_off_and_the_step_is_marked(walk: Walk, layer: Layer) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    layer.choose(answer="silent")
    page.click("#eds-submit")
    says(page, "choose")
    gulnara.check("choosing")
    expect(page.locator("#eds-submit")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("[data-step=choose]")).to_have_attribute("aria-current", "step")
    page.click("#eds-submit", force=True)
    says(page, "choose")


@pytest.mark.parametrize(
    ("key", "answer", "words"),
    [
        ("expired", "sign", "has expired"),
        ("revoked", "sign", "has been revoked"),
        ("gulnara", "wrong", "does not fit here"),
        ("gulnara", "other", "Something else was signed"),
    ],
)
def test_a_refused_key_is_named_and_another_one_may_follow(
    walk: Walk, layer: Layer, key: str, answer: str, words: str
) -> None:
    gulnara = walk.visitor("gulnara", language="en", width=360)
    page = comes_to(gulnara, _METHOD)
    title = page.locator("#error-summary b")
    layer.choose(key, answer=answer)
    page.click("#eds-submit")
    expect(title).to_contain_text(words)
    gulnara.watch.complaints.clear()  # the browser itself reports the 403
    gulnara.check("refused")
    layer.choose()
    page.click("#eds-submit")
    is_in_the_cabinet(gulnara)


def test_staff_give_their_password_beside_the_key(walk: Walk, layer: Layer) -> None:
    marat = walk.visitor("marat", language="ru", width=360)
    layer.choose("marat")
    page = comes_to(marat, _METHOD)
    page.click("#eds-submit")
    page.wait_for_url("**/login/second?*")
    marat.check("second factor")
    page.fill("#password", "wrong")
    page.click("#second-submit")
    expect(page.locator("#error-summary")).to_be_visible()
    marat.watch.complaints.clear()  # the browser itself reports the 401
    marat.check("second factor refused")
    page.fill("#password", marat.dev.accounts["marat"])
    page.click("#second-submit")
    is_in_the_cabinet(marat)


def test_without_scripts_the_page_says_so_and_offers_other_ways(walk: Walk, layer: Layer) -> None:
    gulnara = walk.visitor("gulnara", language="en", scripts=False)
    page = comes_to(gulnara, _METHOD)
    expect(page.locator("#eds-submit")).to_be_hidden()
    expect(page.locator("noscript p")).to_be_visible()
    page.click(".way[href*=password]")
    page.wait_for_url("**/login/password?*")


def test_the_way_needs_no_mouse(walk: Walk, layer: Layer) -> None:
    gulnara = walk.visitor("gulnara")
    page = comes_to(gulnara, _METHOD)
    page.focus("#shared")
    page.keyboard.press("Tab")
    expect(page.locator("#eds-submit")).to_be_focused()
    page.keyboard.press("Enter")
    is_in_the_cabinet(gulnara)
