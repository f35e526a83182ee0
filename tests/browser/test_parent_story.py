"""A parent signs in without a password, finds both children of two schools, gives, reads and withdraws a consent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from idp.core.clock import FixedClock
from tests.browser.test_passkey import DEVICE
from tests.factories.family_ground import FamilySite, family_site
from tests.fakes.chromium import visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[FamilySite]:
    with family_site(sqlite_url, tmp_path, clock) as running:
        yield running


@pytest.fixture
def page(site: FamilySite, browser: Browser) -> Iterator[Page]:
    """The mother's phone, on which she has made a passkey; nobody is signed in on it."""
    context = visitor(browser, language="kk", width=360)
    phone = context.new_page()
    device = context.new_cdp_session(phone)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    context.add_cookies([site.cookie("gulnara")])
    phone.goto(f"{site.url}/account/security/passkeys/new")
    phone.click("#passkey-submit")
    phone.wait_for_url("**/account/security?done=passkey_added")
    context.clear_cookies()
    yield phone
    context.close()


def test_a_parent_of_two_schools_gives_reads_and_withdraws_a_consent(site: FamilySite, page: Page) -> None:
    page.goto(f"{site.url}/login/passkey")
    page.click("#passkey-submit")
    page.wait_for_url("**/account")
    expect(page.get_by_text("Сізден 2 жауап күтіледі")).to_be_visible()

    page.click(".nav a[href='/account/children']")
    for child, school in (("Айгерім", "№ 12 мектеп-гимназия · 9 «А»"), ("Нұрлан", "№ 5 ауыл мектебі · 1 «Ә»")):
        expect(page.get_by_role("listitem").filter(has_text=child).first).to_contain_text(school)

    page.click(".nav a[href='/account/consents']")
    page.get_by_role("link", name="Оқушының суретін мектеп төсбелгісіне қою").click()
    for words in ("№ 12 мектеп-гимназия", "140240000018", "аты-жөні", "«Оқулық» ЖШС"):
        expect(page.locator("article")).to_contain_text(words)
    page.click("#consent-give")
    page.wait_for_url("**/records/*?done=1")
    expect(page.get_by_text("Келісім жазылды")).to_be_visible()
    assert _states(site) == ["given", "given"]

    page.get_by_text("Жауап берілген мәтін").click()
    expect(page.locator("pre")).to_contain_text("күзетші оны кіреберісте салыстырады")
    proof = json.loads(page.request.get(f"{page.url.partition('?')[0]}/proof.json").text())
    assert proof["seal"]["holds"]

    page.locator("summary", has_text="Келісімді қайтарып алу").click()
    page.click("#consent-withdraw")
    expect(page.get_by_role("status")).to_contain_text("22 қыркүйек 2026 ж.")
    assert sorted(_states(site)) == ["given", "withdrawn"]
    page.click(".nav a[href='/account/consents']")
    expect(page.get_by_text("Сізден 1 жауап күтіледі")).to_be_visible()


def _states(site: FamilySite) -> list[str]:
    """Of every answer about the daughter."""
    reading, mother, daughter = site.parts.consent_desk.reading, site.people["gulnara"], site.people["aigerim"]
    return [row.state for about in reading.about(mother, daughter) for row in about.history]
