"""What every page of ours must keep: accessible, small, self-contained, quiet, and no wider than the screen."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

LIMIT = 50_000
LOGIN_LIMIT = 30_000
_HEADERS = 300
"""Bytes of headers that the browser itself counts for an answer (Resource Timing §4.1)."""
# `encodedBodySize` is known for cached answers too, so the sum is what a first visit costs.
_WEIGHT = f"""() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .reduce((sum, entry) => sum + entry.encodedBodySize + {_HEADERS}, 0)"""
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_axe = Axe()


class Watch:
    """Follows all pages of one visitor. `hosts` are those that may be asked: `127.0.0.2:8001` and so on.

    `axe` needs scripts: in a browser without them it would wait for ever.
    """

    def __init__(self, context: BrowserContext, hosts: Iterable[str], *, axe: bool = True) -> None:
        self._hosts = frozenset(hosts)
        self._axe = axe
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        self.posts: list[str] = []
        self.checked: list[str] = []
        context.on("request", self._see_request)
        context.on("console", self._see_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def check(self, page: Page, name: str, *, language: str) -> None:
        """Holds the page that is open to every rule. Raises AssertionError saying which and where."""
        page.wait_for_load_state("load")
        where = f"{name} ({language}, {page.viewport_size}) {page.url}"
        self.checked.append(name)
        assert page.locator("html").get_attribute("lang") == language, where
        assert page.locator("h1").count() == 1, where
        weight = page.evaluate(_WEIGHT)
        assert 0 < weight < (LOGIN_LIMIT if name == "login" else LIMIT), f"{weight} bytes: {where}"
        assert page.evaluate(_OVERFLOW) <= 0, f"scrolls sideways: {where}"
        if self._axe:
            found = _axe.run(page)
            assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
        assert self.foreign == [], where
        assert self.complaints == [], where

    def _see_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and address.netloc not in self._hosts:
            self.foreign.append(request.url)
        if request.method == "POST":
            self.posts.append(address.path)

    def _see_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} at {message.location}")
