"""`python -m tests.browser.pictures OUTDIR`: the pictures of README.md and of the guides, from a demo school."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.eds import layer_of
from tests.browser.module import module_of
from tests.browser.walk import HOSTS
from tests.fakes.chromium import chromium, visitor
from tests.fakes.servers import Dev, running_dev


def readme(dev: Dev, page: Page) -> Iterator[str]:
    """The sign-in page as the cabinet asks for it, then the cabinet of a pupil; yields when one is ready."""
    page.goto(f"{dev.urls['cabinet']}/login")
    yield "sign-in"
    page.fill("#username", "aigerim")
    page.fill("#password", dev.accounts["aigerim"])
    page.click("#login-submit")
    page.wait_for_url(f"{dev.urls['cabinet']}/**")
    yield "cabinet"


def eds(dev: Dev, page: Page, language: str) -> Iterator[str]:
    """What parents and staff see of the ЭЦҚ: on a computer, with a phone, a document to sign, a signature to check."""
    idp = dev.urls["idp"]
    page.goto(f"{idp}/login/eds_ncalayer?lang={language}")
    yield f"eds-computer-{language}"
    page.goto(f"{idp}/login/eds_egov_mobile?lang={language}")
    yield f"eds-phone-{language}"
    page.goto(f"{idp}/verify?lang={language}")
    yield f"verify-{language}"
    layer_of(dev)
    page.goto(module_of(dev).ask())
    page.fill("#username", "saule")
    page.fill("#password", dev.accounts["saule"])
    page.click("#login-submit")
    page.wait_for_url("**/sign/*")
    page.goto(f"{page.url.partition('?')[0]}?lang={language}")
    yield f"sign-document-{language}"


def take(dev: Dev, browser: Browser, out: Path) -> Iterator[Path]:
    for language in ("kk", "ru"):
        page = visitor(browser, language=language).new_page()
        for name in eds(dev, page, language):
            path = out / f"{name}.png"
            page.screenshot(path=path, full_page=True)
            yield path
    page = visitor(browser).new_page()
    for name in readme(dev, page):
        path = out / f"{name}.png"
        page.screenshot(path=path)
        yield path


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.browser.pictures OUTDIR\n")
        return 2
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="bilim-id-pictures-") as folder,
        running_dev(Path(folder), hosts=HOSTS) as dev,
        chromium() as browser,
    ):
        for picture in take(dev, browser, out):
            sys.stdout.write(f"{picture}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
