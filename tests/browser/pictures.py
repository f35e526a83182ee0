"""`python -m tests.browser.pictures OUTDIR`: the pictures of README.md and of the guides, from a demo school."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from idp.core.clock import FixedClock
from tests.browser.eds import layer_of
from tests.browser.module import module_of
from tests.browser.walk import HOSTS
from tests.factories.family_ground import FamilySite, family_site
from tests.fakes.chromium import chromium, visitor
from tests.fakes.databases import migrate
from tests.fakes.servers import Dev, running_dev

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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


def console(dev: Dev, page: Page, language: str) -> Iterator[str]:
    """For the office and for class teachers: people, a list before it is imported, the own page, a class's codes."""
    idp = dev.urls["idp"]
    for username in ("saule", "marat"):
        page.context.clear_cookies()
        page.goto(f"{idp}/login?lang={language}")
        page.fill("#username", username)
        page.fill("#password", dev.accounts[username])
        page.click("#login-submit")
        page.wait_for_url(f"{idp}/**")
        page.goto(f"{idp}/admin?lang={language}")
        school = page.url.partition("?")[0]
        if username == "saule":
            page.goto(f"{school}/people")
            yield f"console-people-{language}"
            page.goto(f"{school}/imports")
            page.set_input_files("input[type=file]", {"name": "list.xlsx", "mimeType": XLSX, "buffer": _newcomer()})
            page.click("main .btn-primary")
            page.wait_for_url("**/waiting/**")
            yield f"console-import-{language}"
        else:
            yield f"console-teacher-{language}"
            page.goto(f"{school}/guardians/codes")
            page.click("main form button")
            page.wait_for_load_state("load")
            yield f"console-codes-{language}"


def family(site: FamilySite, page: Page, language: str) -> Iterator[str]:
    """What a parent has on the phone: children, a consent to answer and its proof, who looked, ways to sign in."""
    page.context.add_cookies([site.cookie("gulnara")])
    for name in ("children", "child-add", "consent-text", "consent-record", "data-child", "security", "totp"):
        page.goto(f"{site.url}{site.pages()[name]}?lang={language}")
        # A bar that stays at the bottom of a screen would lie across a picture of the whole page.
        page.evaluate("document.querySelector('.nav').style.position = 'static'")
        yield f"parent-{name}-{language}"


def _newcomer() -> bytes:
    """The spreadsheet of schools with one new pupil."""
    import io

    from openpyxl import load_workbook

    from idp.documents.template import roster_template

    book = load_workbook(io.BytesIO(roster_template("kk")))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    row = {"№": "901", "Тегі": "Сейітқали", "Аты": "Інжу", "Сынып": "7 «Ә»", "Туған күні": "17.05.2013"}
    sheet.append([row.get(str(head).strip(" *"), "") for head in heads])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _shrink(path: Path) -> None:
    """Flat colours need no more than a palette; a guide is read over a telephone's net."""
    from PIL import Image

    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)


def take(dev: Dev, browser: Browser, out: Path) -> Iterator[Path]:
    for language in ("kk", "ru"):
        page = visitor(browser, language=language).new_page()
        for name in eds(dev, page, language):
            path = out / f"{name}.png"
            page.screenshot(path=path, full_page=True)
            yield path
        page = visitor(browser, language=language, width=1000, height=640).new_page()
        for name in console(dev, page, language):
            path = out / f"{name}.png"
            page.screenshot(path=path)
            _shrink(path)
            yield path
    page = visitor(browser).new_page()
    for name in readme(dev, page):
        path = out / f"{name}.png"
        page.screenshot(path=path)
        yield path


def take_family(site: FamilySite, browser: Browser, out: Path) -> Iterator[Path]:
    for language in ("kk", "ru"):
        page = visitor(browser, language=language, width=360, height=640).new_page()
        for name in family(site, page, language):
            path = out / f"{name}.png"
            page.screenshot(path=path, full_page=True)
            _shrink(path)
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
        url = f"sqlite:///{folder}/family.sqlite3"
        migrate(url)
        keys = Path(folder) / "family"
        keys.mkdir()
        with family_site(url, keys, FixedClock(datetime(2026, 9, 2, 3, 3, tzinfo=UTC))) as site:
            for picture in take_family(site, browser, out):
                sys.stdout.write(f"{picture}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
