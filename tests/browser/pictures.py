"""`python -m tests.browser.pictures OUTDIR`: the pictures of README.md, taken from a demo school started for them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.walk import HOSTS
from tests.fakes.chromium import chromium, visitor
from tests.fakes.servers import Dev, running_dev


def take(dev: Dev, page: Page, out: Path) -> list[Path]:
    """The sign-in page as the cabinet asks for it, then the cabinet of a pupil; returns what was written."""
    page.goto(f"{dev.urls['cabinet']}/login")
    pictures = [out / "sign-in.png", out / "cabinet.png"]
    page.screenshot(path=pictures[0])
    page.fill("#username", "aigerim")
    page.fill("#password", dev.accounts["aigerim"])
    page.click("#login-submit")
    page.wait_for_url(f"{dev.urls['cabinet']}/**")
    page.screenshot(path=pictures[1])
    return pictures


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
        for picture in take(dev, visitor(browser).new_page(), out):
            sys.stdout.write(f"{picture}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
