"""What every page of every client carries."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import pytest

import clients.cabinet
from clients.kit.app import shared_templates
from clients.kit.settings import SettingsError
from clients.kit.testing import WsgiTransport, client_settings
from idp.core.clock import FixedClock
from tests.fakes.client_browser import World
from tests.fakes.openid_provider import OpenIdProvider

PAGES = ("/", "/books/svet-i-ten", "/books/svet-i-ten/1", "/books/svet-i-ten/quiz", "/classes", "/nothing", "/logout")


def test_every_page_is_closed_to_other_origins(textbooks: World) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    for page in PAGES:
        headers = browser.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Request-Id"]


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_pages_are_small_and_have_neither_inline_script_nor_style(textbooks: World, lang: str) -> None:
    browser = textbooks.browser()
    browser.sign_in()
    for page in (*PAGES, *(f"/books/sandar-men-pishinder/{n}" for n in range(1, 6))):
        answer = browser.get(page, query_string={"lang": lang})
        assert len(answer.data) < 50_000
        assert f'<html lang="{lang}">' in answer.text
        assert " style=" not in answer.text
        assert "<style" not in answer.text
        assert " onclick=" not in answer.text
        assert answer.text.count("<script") == answer.text.count("<script src=")
        assert answer.text.count("<h1") == 1


def test_styles_and_pictures_come_from_the_own_origin(textbooks: World) -> None:
    browser = textbooks.browser()
    page = browser.sign_in("/books/svet-i-ten/1").text
    addresses = [part.split('"')[0] for mark in ('href="/static', 'src="/static') for part in page.split(mark)[1:]]
    assert len(addresses) > 5
    for address in addresses:
        answer = browser.get(f"/static{address}")
        assert answer.status_code == 200, address
        assert "no-store" not in answer.headers["Cache-Control"]


def test_under_https_cookies_belong_to_the_host_alone(
    provider: OpenIdProvider, clock: FixedClock, tmp_path: Path
) -> None:
    settings = client_settings("cabinet", tmp_path, base_url="https://cabinet.example.kz")
    transport = WsgiTransport(provider.app)
    app = clients.cabinet.create_app(settings, clock=clock, transport=transport)
    world = World(app, provider, transport)
    browser = world.browser()
    answer = browser.get("/login")
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["Set-Cookie"].startswith("__Host-bilim_cabinet_flow=")
    assert "Secure" in answer.headers["Set-Cookie"]
    browser.follow(answer)
    kept = browser.client.get_cookie("__Host-bilim_cabinet", domain="cabinet.example.kz")
    assert kept is not None
    assert kept.secure


def test_a_client_without_its_file_does_not_start(tmp_path: Path) -> None:
    settings = client_settings("cabinet", tmp_path)
    with pytest.raises(SettingsError):
        clients.cabinet.create_app(dataclasses.replace(settings, client_file=tmp_path / "none"))


def test_the_shared_templates_are_found() -> None:
    assert (shared_templates() / "layouts" / "app.html").is_file()


def test_logs_name_the_rule_and_no_secret(textbooks: World, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("bilim.client")
    log.addHandler(caplog.handler)
    try:
        browser = textbooks.browser()
        browser.sign_in("/books/svet-i-ten/2")
        browser.post("/backchannel-logout", data={"logout_token": textbooks.provider.logout_token("textbooks")})
    finally:
        log.removeHandler(caplog.handler)
    lines = [json.dumps(record.__dict__, default=str) for record in caplog.records]
    assert any("/books/<slug>/<int:number>" in line for line in lines)
    assert any("/callback" in line for line in lines)
    grant = textbooks.provider.grants[-1]
    for secret in (browser.cookie(), grant.refresh_token, grant.nonce, "code=", "state="):
        assert secret
        assert not any(secret in line for line in lines)
