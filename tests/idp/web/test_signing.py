"""web/signing: content first, then the act, then what came of it (E5)."""

from __future__ import annotations

import base64
import re
import zipfile
from html import unescape
from io import BytesIO

import pytest
from flask import Flask

from idp.core import levels
from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import credentials
from idp.web import after_login
from tests.factories.signing_ground import DIRECTOR_IIN, RETURN, TEXT, TITLE, SigningGround
from tests.fakes.browser import Browser
from tests.idp.web.conftest import HASH, PASSWORD

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


@pytest.fixture
def ground(parts: Parts, clock: FixedClock) -> SigningGround:
    ground = SigningGround(parts, clock)
    with parts.uow.write() as tx:
        rows = [(person, {"hash": HASH}) for person in (ground.director, ground.teacher)]
        credentials.replace(tx, "password", rows, must_change=False, now=clock.now())
    return ground


@pytest.fixture
def director(ground: SigningGround, browser: Browser) -> Browser:
    return signed_in(ground, browser, ground.director)


def signed_in(ground: SigningGround, browser: Browser, person: str) -> Browser:
    with ground.parts.uow.write() as tx:
        opened = ground.parts.sessions.open(
            tx, person_id=person, acr=levels.PASSWORD, amr=("pwd",), is_shared=False, browser="a test"
        )
    browser.client.set_cookie("bilim_id", opened.token)
    return browser


def code_on(browser: Browser) -> str:
    found = re.search(r'id="error-code">([a-z_]+)<', browser.page.text)
    return found[1] if found else ""


def test_the_director_signs_in_reads_signs_and_saves(ground: SigningGround, browser: Browser) -> None:
    request_id = ground.ask()
    browser.go(f"/sign/{request_id}?lang=ru")
    assert browser.page.request.path == "/login/password"
    browser.submit("/login/password", username="saule", password=PASSWORD)
    assert browser.page.request.path == f"/sign/{request_id}"
    page = browser.page.text
    assert TITLE["ru"] in page
    assert TEXT.decode().splitlines()[1] in page
    assert "Школа № 12" in page
    assert "connect-src 'self' wss://127.0.0.1:13579;" in browser.page.headers["Content-Security-Policy"]
    browser.submit(f"/sign/{request_id}", signature=ground.cms(ground.head_key()))
    assert (browser.page.status_code, browser.page.request.path) == (200, f"/sign/{request_id}")
    assert 'data-mode="document"' not in browser.page.text
    assert RETURN in unescape(browser.page.text)
    for name in ("document", "signature.cms", "card.pdf", "evidence.zip"):
        assert f"/sign/{request_id}/{name}" in browser.page.text
    assert DIRECTOR_IIN not in browser.page.text


def test_a_form_sent_twice_shows_the_same_result(ground: SigningGround, director: Browser) -> None:
    request_id = ground.ask()
    cms = ground.cms(ground.head_key())
    director.go(f"/sign/{request_id}")
    before = director.page
    for _ in range(2):
        director.page = before
        director.submit(f"/sign/{request_id}", signature=cms)
        assert director.page.status_code == 200
    assert len(ground.events("document_signed")) == 1


def test_who_may_not_sees_that_it_is_for_somebody_else(ground: SigningGround, browser: Browser) -> None:
    request_id = ground.ask()
    signed_in(ground, browser, ground.teacher)
    for path in ("", "/document", "/signature.cms", "/card.pdf", "/evidence.zip"):
        answer = browser.go(f"/sign/{request_id}{path}")
        assert (answer.status_code, code_on(browser)) == (403, "not_for_you")
        assert TEXT.decode() not in answer.text
    assert browser.go(f"/sign/{'f' * 32}").status_code == 404
    assert browser.go("/sign/../account").status_code == 404
    assert browser.go("/sign/" + "я" * 32).status_code == 404


def test_without_a_session_nothing_is_done(ground: SigningGround, browser: Browser) -> None:
    request_id = ground.ask()
    browser.go("/login/password")
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page.text)
    assert token
    for path in ("", "/decline", "/phone"):
        answer = browser.client.post(f"/sign/{request_id}{path}", data={"csrf_token": token[1], "signature": "x"})
        assert answer.status_code == 403
        assert browser.client.post(f"/sign/{request_id}{path}").status_code == 400
    assert browser.client.get(f"/sign/{request_id}/document").status_code == 403


def test_a_refused_signature_says_why_and_loses_nothing(ground: SigningGround, director: Browser) -> None:
    request_id = ground.ask()
    director.go(f"/sign/{request_id}")
    director.submit(f"/sign/{request_id}", signature=ground.cms(ground.head_key(), b"another"))
    assert director.page.status_code == 422
    assert "data-ncalayer" in director.page.text
    ground.is_away = True
    director.submit(f"/sign/{request_id}", signature=ground.cms(ground.head_key()))
    assert director.page.status_code == 503
    ground.is_away = False
    for _ in range(7):
        director.submit(f"/sign/{request_id}", signature="")
    assert director.page.status_code == 429
    assert director.page.headers["Retry-After"]


def test_declining_is_told_and_final(ground: SigningGround, director: Browser) -> None:
    request_id = ground.ask()
    director.go(f"/sign/{request_id}")
    open_page = director.page
    director.submit(f"/sign/{request_id}/decline")
    assert director.page.status_code == 200
    assert "data-ncalayer" not in director.page.text
    assert ground.parts.signing_requests.show(ground.client, request_id)["state"] == "declined"
    director.page = open_page
    # The form of signing stands on the page that is still open in another tab.
    director.submit(f"/sign/{request_id}", signature=ground.cms(ground.head_key()))
    assert director.page.status_code == 409


@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_what_is_over_is_shown_as_over(ground: SigningGround, director: Browser, ending: str) -> None:
    request_id = ground.ask()
    if ending == "cancelled":
        ground.parts.signing_requests.cancel(ground.client, request_id)
    else:
        ground.clock.advance(seconds=7 * 86_400)
        signed_in(ground, director, ground.director)
    assert director.go(f"/sign/{request_id}").status_code == 200
    assert "data-ncalayer" not in director.page.text
    assert "/decline" not in director.page.text


def test_the_document_opens_as_what_it_is_and_runs_nothing(ground: SigningGround, director: Browser) -> None:
    text = director.client.get(f"/sign/{ground.ask()}/document")
    assert (text.data, text.content_type) == (TEXT, "text/plain; charset=utf-8")
    assert text.headers["Content-Security-Policy"].endswith("sandbox")
    assert text.headers["X-Content-Type-Options"] == "nosniff"
    assert text.headers["Content-Disposition"].startswith("inline; filename=document-")
    made = ground.parts.signing_requests.create(ground.client, ground.body(PDF, media_type="application/pdf"))
    pdf = director.client.get(f"/sign/{made.id}/document")
    assert (pdf.data, pdf.content_type) == (PDF, "application/pdf")
    assert "script-src" not in pdf.headers["Content-Security-Policy"]
    assert "default-src 'none'" in pdf.headers["Content-Security-Policy"]
    saved = director.client.get(f"/sign/{made.id}/document?save=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    director.go(f"/sign/{made.id}")
    assert f"/sign/{made.id}/document" in director.page.text


def test_everything_can_be_taken_home(ground: SigningGround, director: Browser) -> None:
    request_id = ground.ask()
    assert director.client.get(f"/sign/{request_id}/evidence.zip").status_code == 404
    ground.sign(request_id)
    cms = director.client.get(f"/sign/{request_id}/signature.cms")
    assert cms.content_type == "application/pkcs7-signature"
    assert ground.parts.signature_check.check(cms.data, TEXT, place="").is_held
    assert director.client.get(f"/sign/{request_id}/card.pdf").data.startswith(b"%PDF-")
    archive = director.client.get(f"/sign/{request_id}/evidence.zip")
    with zipfile.ZipFile(BytesIO(archive.data)) as files:
        assert files.read("document.txt") == TEXT
        assert files.read("signature.cms") == cms.data


def test_a_place_to_return_to_is_a_page_of_ours_and_only_for_a_while(
    ground: SigningGround, browser: Browser, app: Flask
) -> None:
    request_id = ground.ask()
    browser.go(f"/sign/{request_id}")
    ground.clock.advance(hours=1)
    browser.submit("/login/password", username="saule", password=PASSWORD)
    assert browser.page.request.path == "/account"
    with app.test_request_context():
        for path in ("/oauth/logout", "//evil.example", f"/sign/{request_id}/decline", "https://evil.example/", ""):
            after_login.remember(path)
            assert after_login.take() == ""
        after_login.remember(f"/sign/{request_id}")
        assert (after_login.take(), after_login.take()) == (f"/sign/{request_id}", "")


def test_without_trusted_authorities_the_page_says_so(ground: SigningGround, director: Browser) -> None:
    request_id = ground.ask()
    (ground.parts.settings.keys_dir / "trust" / "anchors.json").unlink()
    assert director.go(f"/sign/{request_id}").status_code == 200
    assert "data-ncalayer" not in director.page.text
    assert TEXT.decode().splitlines()[0] in director.page.text


class Phone:
    """eGov Mobile: fetches what to sign and brings it back."""

    def __init__(self, app: Flask) -> None:
        self.http = app.test_client()

    def sign(self, ground: SigningGround, errand: str, iin: str = DIRECTOR_IIN) -> int:
        face = self.http.get(f"/egov/{errand}").get_json()
        bearer = {"Authorization": f"Bearer {face['document']['auth_token']}"}
        shown = self.http.get(f"/egov/{errand}/documents", headers=bearer).get_json()
        file = shown["documentsToSign"][0]["document"]["file"]
        assert base64.b64decode(file["data"]) == TEXT
        file["data"] = ground.cms(ground.head_key(iin))
        return self.http.put(f"/egov/{errand}/documents", json=shown, headers=bearer).status_code


@pytest.fixture
def phone(app: Flask, ground: SigningGround, monkeypatch: pytest.MonkeyPatch) -> Phone:
    monkeypatch.setattr(ground.parts.egov_mobile, "_is_reachable", True)
    return Phone(app)


def test_a_phone_signs_and_the_browser_confirms(ground: SigningGround, director: Browser, phone: Phone) -> None:
    request_id = ground.ask()
    director.go(f"/sign/{request_id}")
    assert f"/sign/{request_id}/phone" in director.page.text
    director.go(f"/sign/{request_id}/phone")
    errand = director.page.request.args["c"]
    state = f"/sign/{request_id}/phone/state?c={errand}"
    assert director.client.get(state).get_json() == {"state": "waiting", "refusal": ""}
    assert phone.sign(ground, errand) == 200
    assert director.client.get(state).get_json()["state"] == "delivered"
    director.go(f"/sign/{request_id}/phone?c={errand}")
    assert "СЕЙІТҚАЗЫ" in director.page.text
    director.submit(f"/sign/{request_id}/phone")
    assert director.page.request.path == f"/sign/{request_id}"
    assert ground.parts.signing.look(request_id, ground.director).state == "signed"


def test_an_errand_is_the_browsers_and_the_documents_own(
    ground: SigningGround, director: Browser, phone: Phone, app: Flask
) -> None:
    request_id = ground.ask()
    director.go(f"/sign/{request_id}/phone")
    errand = director.page.request.args["c"]
    other = signed_in(ground, Browser(app.test_client()), ground.director)
    assert other.client.get(f"/sign/{request_id}/phone/state?c={errand}").status_code == 404
    assert phone.sign(ground, errand) == 200
    another = ground.ask(b"another document")
    assert director.client.get(f"/sign/{another}/phone/state?c={errand}").status_code == 404
    elsewhere = director.client.get(f"/sign/{another}/phone?c={errand}")
    assert (elsewhere.status_code, elsewhere.headers["Location"]) == (303, f"/sign/{another}")
    director.go(f"/sign/{request_id}/phone?c={errand}")
    token = re.search(r'name="csrf_token" value="([^"]+)"', director.page.text)
    assert token
    answer = director.client.post(f"/sign/{another}/phone", data={"csrf_token": token[1], "challenge": errand})
    assert answer.status_code == 422
    assert ground.parts.signing.look(another, ground.director).state == "waiting"
    director.submit(f"/sign/{request_id}/phone")
    assert ground.parts.signing.look(request_id, ground.director).state == "signed"


def test_an_errand_of_a_document_is_none_of_the_sign_in(
    ground: SigningGround, director: Browser, phone: Phone, app: Flask
) -> None:
    pdf = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n%%EOF\n"
    made = ground.parts.signing_requests.create(ground.client, ground.body(pdf, media_type="application/pdf"))
    director.go(f"/sign/{made.id}/phone")
    errand = director.page.request.args["c"]
    assert "m.egov.kz/mobileSign" in director.page.text
    page = director.client.get(f"/login/eds_egov_mobile?c={errand}")
    assert page.status_code == 200
    assert 'id="egov-again"' in page.text
    assert "m.egov.kz/mobileSign" not in page.text
    state = director.client.get(f"/login/eds_egov_mobile/state?c={errand}")
    assert (state.status_code, state.get_json()["state"]) == (404, "over")


@pytest.mark.parametrize(("size", "is_shown"), [(2_000, True), (20_000, False)])
def test_a_short_text_stands_beside_the_code_and_a_long_one_is_opened_on_its_own(
    ground: SigningGround, director: Browser, phone: Phone, size: int, is_shown: bool
) -> None:
    director.go(f"/sign/{ground.ask(b'x' * size)}/phone")
    assert ("x" * 2_000 in director.page.text) is is_shown


def test_without_an_operator_no_phone_is_offered(ground: SigningGround, director: Browser) -> None:
    request_id = ground.ask()
    director.go(f"/sign/{request_id}")
    assert f"/sign/{request_id}/phone" not in director.page.text
    assert director.go(f"/sign/{request_id}/phone").status_code == 503


def test_who_might_have_signed_reads_the_card_and_never_the_iin_of_who_did(
    ground: SigningGround, browser: Browser
) -> None:
    other = ground.person("second", "900101350017")
    ground.membership(other, "director")
    request_id = ground.ask()
    ground.sign(request_id)
    signed_in(ground, browser, other)
    page = browser.go(f"/sign/{request_id}").text
    for name in ("document", "card.pdf"):
        assert f"/sign/{request_id}/{name}" in page
        assert browser.client.get(f"/sign/{request_id}/{name}").status_code == 200
    for name in ("signature.cms", "evidence.zip"):
        assert f"/sign/{request_id}/{name}" not in page
        answer = browser.go(f"/sign/{request_id}/{name}")
        assert (answer.status_code, code_on(browser)) == (403, "not_for_you")
        assert DIRECTOR_IIN.encode() not in answer.data


def test_errands_of_one_document_are_not_begun_without_end(
    ground: SigningGround, director: Browser, phone: Phone
) -> None:
    request_id = ground.ask()
    for _ in range(6):
        assert director.go(f"/sign/{request_id}/phone").status_code == 200
    director.go(f"/sign/{request_id}/phone")
    assert director.page.status_code == 429
    assert int(director.page.headers["Retry-After"]) > 0
    assert "data-ncalayer" in director.page.text
    # Neither another document nor the computer has to wait for it.
    assert director.go(f"/sign/{ground.ask()}/phone").status_code == 200
    director.go(f"/sign/{request_id}")
    director.submit(f"/sign/{request_id}", signature=ground.cms(ground.head_key()))
    assert ground.parts.signing.look(request_id, ground.director).state == "signed"
    ground.clock.advance(minutes=10)
    assert director.go(f"/sign/{ground.ask()}/phone").status_code == 200
