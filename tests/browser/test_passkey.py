"""A passkey in a real browser: made, offered at sign-in, and asked for again; and the same pages without WebAuthn."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core.clock import SystemClock
from idp.parts import Parts, build
from idp.settings import Settings
from idp.store import credentials
from tests.factories.factor_ground import HASH, PASSWORD
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.chromium import visitor
from tests.fakes.databases import free_port

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(sqlite_url: str, tmp_path: Path) -> Iterator[str]:
    """The app under a name, for a number is no RP ID; `gulnara` is a parent with a password."""
    port = free_port()
    issuer = f"http://localhost:{port}"
    settings = Settings(
        issuer=issuer, database_url=sqlite_url, keys_dir=tmp_path, secret_file=tmp_path / "master.key", env="dev"
    )
    make_master_key(settings.secret_file)
    parts: Parts = build(settings, SystemClock())
    parts.keys.init()
    with parts.uow.write() as tx:
        person = add_person(tx, "gulnara", family_name="Серікова", given_name="Гүлнара")
        add_membership(tx, person, add_school(tx), "guardian")
        row = (person, {"hash": HASH})
        credentials.replace(tx, "password", [row], must_change=False, now=parts.clock.now())
    parts.engine.dispose()
    server = make_server("127.0.0.1", port, create_app(settings), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield issuer
    server.shutdown()


def _with_password(page: Page, site: str) -> None:
    page.goto(f"{site}/login/password")
    page.fill("#username", "gulnara")
    page.fill("#password", PASSWORD)
    page.click("#login-submit")
    page.wait_for_url(f"{site}/account")


def test_a_passkey_is_made_offered_and_asked_for_again(site: str, browser: Browser) -> None:
    context = visitor(browser, language="en", width=360)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    made = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    _with_password(page, site)
    page.goto(f"{site}/account/security")
    page.click("#passkey-add")
    page.fill("#label", "My phone")
    page.click("#passkey-submit")
    page.wait_for_url(f"{site}/account/security?done=passkey_added")
    expect(page.get_by_text("My phone")).to_be_visible()
    stored = device.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})["credentials"]
    assert [one["rpId"] for one in stored] == ["localhost"]
    assert stored[0]["isResidentCredential"]
    context.clear_cookies()
    page.goto(f"{site}/login/password")
    page.wait_for_url(f"{site}/account")  # Offered by the browser itself; this device agrees at once.
    context.clear_cookies()
    page.goto(f"{site}/login/passkey")
    page.click("#passkey-submit")
    page.wait_for_url(f"{site}/account")
    page.goto(f"{site}/login/again?acr=urn:bilim:acr:mfa")
    page.click("#passkey-submit")
    page.wait_for_url(f"{site}/account")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": made["authenticatorId"], "isUserVerified": False})
    page.goto(f"{site}/login/again?acr=urn:bilim:acr:mfa")
    page.click("#passkey-submit")
    expect(page.locator("[data-say=cancelled]")).to_be_visible()
    context.close()


def test_without_webauthn_the_password_is_there_and_the_page_says_so(site: str, browser: Browser) -> None:
    context = visitor(browser, language="en")
    context.add_init_script("delete globalThis.PublicKeyCredential")
    page = context.new_page()
    page.goto(f"{site}/login/passkey")
    expect(page.locator("[data-say=unsupported]")).to_be_visible()
    expect(page.locator("#passkey-submit")).to_be_hidden()
    page.goto(f"{site}/login/password")
    expect(page.locator("#passkey-submit")).to_be_hidden()
    _with_password(page, site)
    context.close()
