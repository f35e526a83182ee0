"""A module has a report signed by the director in a real browser, and a stranger checks it on /verify."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.eds import Layer, is_asked_for, layer_of, link_of, phone, says
from tests.browser.module import REPORT, TITLE, Module, module_of
from tests.browser.screens import SCREENS
from tests.browser.walk import Visitor, Walk
from tests.fakes.servers import Dev

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


@pytest.fixture
def layer(dev: Dev) -> Layer:
    return layer_of(dev)


@pytest.fixture(scope="module")
def module(dev: Dev) -> Module:
    return module_of(dev)


def _director(walk: Walk, sign_uri: str, **looks: object) -> Visitor:
    """Signed in, and back at the paper that she was sent to."""
    saule = walk.visitor("saule", **looks)  # type: ignore[arg-type]
    page = saule.page
    page.goto(sign_uri)
    page.wait_for_url("**/login/password*")
    page.fill("#username", "saule")
    page.fill("#password", saule.dev.accounts["saule"])
    page.click("#login-submit")
    page.wait_for_url(sign_uri)
    return saule


def _taken_home(page: Page, folder: Path) -> tuple[Path, Path]:
    """The document and the signature, as the browser saves them."""
    saved = []
    for name in ("document?save=1", "signature.cms"):
        with page.expect_download() as download:
            page.click(f".files a[href$='{name}']")
        saved.append(folder / download.value.suggested_filename)
        download.value.save_as(saved[-1])
    return saved[0], saved[1]


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_a_director_signs_and_a_stranger_verifies(
    walk: Walk, layer: Layer, module: Module, tmp_path: Path, language: str, width: int
) -> None:
    sign_uri = module.ask(certificate="organisation")
    layer.choose("saule-school")
    saule = _director(walk, sign_uri, language=language, width=width)
    page = saule.page
    saule.check("paper")
    expect(page.locator("h1")).to_have_text(TITLE[language])
    assert "214" in page.locator(".paper").inner_text()
    page.click("#sign-submit")
    expect(page.locator("#result")).to_be_visible()
    saule.check("signed")
    assert module.told(sign_uri)["state"] == "signed"
    document, signature = _taken_home(page, tmp_path)
    assert document.read_bytes() == REPORT
    expect(page.locator("#sign-back")).to_have_attribute("href", module.back)

    stranger = walk.visitor("nobody", language=language, width=width)
    page = stranger.page
    page.goto(f"{stranger.dev.urls['idp']}/")
    page.click("a[href='/verify']")
    stranger.check("verify")
    page.set_input_files("#document", document)
    page.set_input_files("#signature", signature)
    page.click("#verify-submit")
    expect(page.locator("#result")).to_be_visible()
    stranger.check("verified")
    facts = page.locator(".facts").first.inner_text()
    assert "сәуле" in facts.lower()
    assert "№ 12 мектеп-гимназия" in facts


def test_a_long_document_is_opened_and_signed_without_lying_in_the_page(
    walk: Walk, layer: Layer, module: Module, tmp_path: Path
) -> None:
    long = "Тегін тамақ: 214 оқушы, 21 күн.\n".encode() * 4000
    sign_uri = module.ask(long)
    layer.choose("saule")
    saule = _director(walk, sign_uri, language="kk")
    saule.check("long paper")
    saule.page.click("#sign-submit")
    document, _ = _taken_home(saule.page, tmp_path)
    assert document.read_bytes() == long
    assert module.told(sign_uri)["state"] == "signed"


def test_a_changed_document_is_not_the_signed_one(walk: Walk, layer: Layer, module: Module, tmp_path: Path) -> None:
    layer.choose("saule")
    saule = _director(walk, module.ask(), language="en")
    saule.page.click("#sign-submit")
    document, signature = _taken_home(saule.page, tmp_path)
    document.write_bytes(REPORT.replace(b"214", b"412"))
    page = saule.page
    page.goto(f"{saule.dev.urls['idp']}/verify?lang=en")
    page.set_input_files("#document", document)
    page.set_input_files("#signature", signature)
    page.click("#verify-submit")
    expect(page.locator("#error-summary")).to_contain_text("The signature is not of this document")
    expect(page.locator("#error-summary")).to_contain_text(document.name)
    saule.watch.complaints.clear()  # the browser itself reports the 422
    saule.check("not of this document")


def test_who_cancels_in_ncalayer_may_sign_with_the_phone(walk: Walk, layer: Layer, module: Module) -> None:
    sign_uri = module.ask()
    saule = _director(walk, sign_uri, language="ru", width=360)
    page = saule.page
    layer.choose("saule", answer="cancel")
    page.click("#sign-submit")
    says(page, "ncalayer_cancelled")
    saule.check("cancelled")
    page.click("#sign-phone")
    page.wait_for_url("**/phone?c=*")
    saule.check("QR code")
    link = link_of(page)
    phone(saule, link, key="saule", cancel=True)
    is_asked_for(page, ".scanned")
    saule.check("fetched")
    phone(saule, link, key="saule")
    is_asked_for(page, "#egov-confirm")
    saule.check("delivered")
    assert module.told(sign_uri)["state"] == "waiting"
    page.click("#egov-confirm")
    expect(page.locator("#result")).to_be_visible()
    assert module.told(sign_uri)["state"] == "signed"


def test_the_key_of_somebody_else_signs_nothing(walk: Walk, layer: Layer, module: Module) -> None:
    sign_uri = module.ask()
    saule = _director(walk, sign_uri, language="en")
    layer.choose("gulnara")
    saule.page.click("#sign-submit")
    expect(saule.page.locator("#error-summary")).to_contain_text("This ЭЦҚ does not fit here")
    saule.watch.complaints.clear()  # the browser itself reports the 422
    saule.check("refused")
    assert module.told(sign_uri)["state"] == "waiting"
    layer.choose("saule")
    saule.page.click("#sign-submit")
    expect(saule.page.locator("#result")).to_be_visible()


def test_declining_is_one_press_further_and_is_told(walk: Walk, module: Module) -> None:
    sign_uri = module.ask()
    saule = _director(walk, sign_uri, language="kk", width=360)
    page = saule.page
    expect(page.locator("#sign-decline")).to_be_hidden()
    page.locator("summary", has_text="Қол қоймаймын").click()
    page.click("#sign-decline")
    expect(page.locator(".notice-warn")).to_be_visible()
    saule.check("declined")
    assert page.locator("#sign-submit").count() == 0
    assert module.told(sign_uri)["state"] == "declined"


def test_a_pdf_is_opened_before_it_is_signed(walk: Walk, layer: Layer, module: Module) -> None:
    layer.choose("saule")
    saule = _director(walk, module.ask(PDF, media_type="application/pdf"), language="en")
    saule.check("paper as PDF")
    link = saule.page.get_by_role("link", name="Open the document")
    answer = saule.context.request.get(f"{saule.dev.urls['idp']}{link.get_attribute('href')}")
    assert (answer.headers["content-type"], answer.body()) == ("application/pdf", PDF)
    saule.page.click("#sign-submit")
    expect(saule.page.locator("#result")).to_be_visible()


def test_whoever_is_not_asked_is_told_so(walk: Walk, module: Module) -> None:
    sign_uri = module.ask()
    marat = walk.visitor("marat", language="ru", width=360)
    marat.sign_in()
    marat.page.goto(sign_uri)
    expect(marat.page.locator("#error-code")).to_have_text("not_for_you")
    marat.watch.complaints.clear()  # the browser itself reports the 403
    marat.check("not for you")
