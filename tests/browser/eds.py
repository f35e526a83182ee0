"""Signing in and signing with an ЭЦҚ, step by step, at the stand-ins that `idp dev` starts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import requests
from playwright.sync_api import Page, expect

from tests.browser.walk import Visitor, until
from tests.fakes.servers import Dev
from tests.fakes.source import ROOT

PHONE_SECONDS = 60


@dataclass(frozen=True)
class Layer:
    """The stand-in of NCALayer: whose key it signs with, and what it answers next."""

    url: str

    def choose(self, key: str = "gulnara", *, answer: str = "sign", old: bool = False) -> None:
        chosen = {"key": key, "next": answer, "old": "1" if old else "0"}
        assert requests.get(self.url, params=chosen, timeout=5).status_code == 200


def layer_of(dev: Dev) -> Layer:
    """With Gulnara's key, new and willing."""
    layer = Layer(f"{dev.urls['ncalayer']}/")
    layer.choose()
    return layer


def comes_to(visitor: Visitor, method: str) -> Page:
    """From the cabinet to the page of one way to sign in."""
    page = visitor.page
    page.goto(f"{visitor.dev.urls['cabinet']}/")
    page.click(f".lang a[hreflang={visitor.language}]")
    page.wait_for_url("**/?lang=*")
    page.click("#sign-in")
    visitor.arrived("idp")
    page.click(f".way[href*='{method}']")
    page.wait_for_url(f"**/login/{method}?*")
    return page


def is_in_the_cabinet(visitor: Visitor) -> None:
    visitor.arrived("cabinet")
    visitor.check("cabinet")


def says(page: Page, code: str) -> None:
    """What ncalayer.js shows, and nothing else."""
    expect(page.locator(f"[data-say={code}]")).to_be_visible()
    expect(page.locator("[data-say]:visible")).to_have_count(1)


def phone(visitor: Visitor, link: str, *, key: str = "gulnara", cancel: bool = False) -> str:
    """A simulated eGov Mobile in a process of its own opens `link`; returns what it wrote."""
    folder = visitor.dev.program.log.parent / "demo"
    arguments = ["dev", "phone", link, "--folder", str(folder), "--key", key, "--cancel" if cancel else "--yes"]
    done = subprocess.run(
        [sys.executable, "-m", "idp.cli", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PHONE_SECONDS,
        check=False,
    )
    return done.stdout + done.stderr


def link_of(page: Page) -> str:
    """Where the button for this very phone leads; the QR code holds the same."""
    return str(page.locator("#egov-open").get_attribute("href"))


def is_asked_for(page: Page, selector: str) -> None:
    """Waits until the page has come round to it by itself."""
    until(lambda: page.locator(selector).count() == 1)
    expect(page.locator(selector)).to_be_visible()
