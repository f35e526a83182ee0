"""A real Chromium for tests and pictures: Debian's or Ubuntu's own, else the one Playwright brought. The shell without
windows takes a third less and serves wherever the browser itself asks nothing of a person.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, BrowserType, sync_playwright

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
)
_TIMEOUT_MS = 20_000
LOCALES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser process without a window that calls nobody by itself."""
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, *flags: str, whole: bool = False) -> Iterator[Browser]:
    """One more such browser; `kind` is another one's `browser_type`, `flags` are further ones of its command line.

    `whole` is one with the questions of the browser's own.
    """
    programs = ("chromium", "google-chrome") if whole else ("chromium-headless-shell", "chromium", "google-chrome")
    found = next((path for path in map(shutil.which, programs) if path), None)
    browser = kind.launch(executable_path=found, args=[*_QUIET, *flags])
    yield browser
    browser.close()


def visitor(
    browser: Browser,
    *,
    language: str = "kk",
    width: int = 1280,
    height: int = 800,
    scripts: bool = True,
    dark: bool = False,
) -> BrowserContext:
    """Somebody with a cookie jar of their own, whose browser asks for `language`."""
    context = browser.new_context(
        locale=LOCALES[language],
        viewport={"width": width, "height": height},
        timezone_id="Asia/Almaty",
        java_script_enabled=scripts,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_TIMEOUT_MS)
    return context
