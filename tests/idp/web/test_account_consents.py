"""web/account_consents: reading, saying yes or no, taking it back; the ЭЦҚ way from the page to the record."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from idp.app import create_app
from idp.core import levels
from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import people, signing
from tests.factories.citizens import IIN, house
from tests.factories.consent_ground import ConsentGround, contents


@pytest.fixture
def ground(parts: Parts, clock: FixedClock) -> ConsentGround:
    return ConsentGround(parts, clock)


def test_a_parent_reads_consents_saves_the_proof_and_withdraws(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    browser, nurlan = ground.browser(app, "gulnara"), ground.people["nurlan"]
    page = browser.go("/account/consents?lang=ru").text
    assert "Серікова Nurlan" in page
    assert page.count(f"/texts/{text_id}") == 3
    page = browser.go(f"/account/consents/{nurlan}/texts/{text_id}?text=ru").text
    for words in (
        "Учёт посещений школы",
        "Школа-гимназия № 12",
        "140240000018",
        "имя",
        "Можно отозвать в любое время.",
    ):
        assert words in page
    browser.submit(f"/texts/{text_id}", answer="mfa")
    assert browser.page.status_code == 200
    record = ground.record("nurlan")
    assert (ground.holds("nurlan"), record.language, record.channel) == (True, "ru", "mfa")
    here = f"/account/consents/{nurlan}/records/{record.id}"
    assert browser.page.request.path == here
    proof = json.loads(browser.client.get(f"{here}/proof.json").data)
    assert (proof["seal"]["holds"], proof["text"]["contents"]["operator_bin"]) == (True, "140240000018")
    assert "Серікова Nurlan" in proof["document"]
    assert browser.client.get(f"{here}/card.pdf").data.startswith(b"%PDF-")
    browser.submit("/withdraw")
    assert "22 сентября 2026" in browser.page.text
    assert (ground.holds("nurlan"), ground.record("nurlan").state) == (False, "withdrawn")
    assert browser.go(f"/account/consents/{nurlan}").status_code == 200


def test_who_gave_a_consent_reads_which_law_has_taken_its_place(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    record_id, nurlan = ground.give("gulnara", "nurlan", text_id), ground.people["nurlan"]
    law = {"kk": "«Білім туралы» Заңның 47-бабы", "ru": "Статья 47 Закона «Об образовании»"}
    ground.desk.texts.rest_on_law(ground.scope, text_id, ground.actor(), law)
    browser = ground.browser(app, "gulnara")
    for url in ("/account/consents?lang=ru", f"/account/consents/{nurlan}/records/{record_id}?lang=ru"):
        page = browser.go(url).text
        assert ("Статья 47 Закона" in page, "Согласие больше не нужно" in page) == (True, True), url
    assert "Согласие больше не нужно" in browser.go(f"/account/consents/{nurlan}?lang=ru").text


def test_a_password_is_enough_to_read_and_to_say_no(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    browser, nurlan = ground.browser(app, "gulnara", levels.PASSWORD), ground.people["nurlan"]
    url = f"/account/consents/{nurlan}/texts/{text_id}"
    browser.go(url)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.page.text)
    assert token
    sent = {"csrf_token": token[1], "answer": "mfa"}
    asked = browser.client.post(url, data=sent, headers={"Referer": f"http://localhost{url}"})
    assert (asked.status_code, "/login/again" in asked.headers["Location"]) == (303, True)
    assert browser.client.post(url, data=sent | {"answer": "maybe"}).status_code == 400
    browser.submit(f"/texts/{text_id}", answer="no")
    assert (browser.page.status_code, ground.record("nurlan").state) == (200, "declined")


def test_nobody_elses_child_is_there_and_a_block_is_felt_at_once(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    nurlan = ground.people["nurlan"]
    record_id = ground.give("gulnara", "nurlan", text_id)
    for name in ("stranger", "blocked", "marat", "aigerim"):
        browser = ground.browser(app, name)
        for path in ("", f"/texts/{text_id}", f"/records/{record_id}", f"/records/{record_id}/proof.json"):
            assert browser.go(f"/account/consents/{nurlan}{path}").status_code == 404, (name, path)
    browser = ground.browser(app, "gulnara")
    browser.go(f"/account/consents/{nurlan}/records/{record_id}")
    ground.block("nurlan", "gulnara")
    assert browser.submit("/withdraw").status_code == 404
    assert ground.holds("nurlan")
    assert "Серікова Nurlan" not in browser.go("/account/consents").text


def test_a_pupil_with_a_badge_reads_and_acknowledges(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    ground.give("gulnara", "daulet", text_id)
    browser, daulet = ground.browser(app, "daulet", levels.PUPIL), ground.people["daulet"]
    assert "consent-give" not in browser.go(f"/account/consents/{daulet}/texts/{text_id}").text
    browser.submit("/acknowledge")
    assert browser.page.status_code == 200
    assert ground.record("daulet").acknowledged_at is not None
    young = ground.browser(app, "nurlan", levels.PUPIL)
    page = young.go(f"/account/consents/{ground.people['nurlan']}/texts/{text_id}").text
    assert ("consent-give" in page, "consent-acknowledge" in page) == (False, False)


def test_a_text_that_is_no_longer_asked_leads_back_to_the_list(ground: ConsentGround, app: Flask) -> None:
    text_id = ground.publish()
    browser, nurlan = ground.browser(app, "gulnara"), ground.people["nurlan"]
    browser.go(f"/account/consents/{nurlan}/texts/{text_id}")
    ground.publish(title={"kk": "Жаңа", "ru": "Новый"})
    browser.submit(f"/texts/{text_id}", answer="mfa")
    assert (browser.page.status_code, browser.page.request.path) == (200, f"/account/consents/{nurlan}")
    assert browser.go("/account/consents/state/" + "0" * 32).status_code == 404


def test_a_consent_signed_with_an_eds_is_recorded_with_its_signature(
    sqlite_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    """From the page to /sign/<id>, back, and what the signature stands over; then the same with the link blocked."""
    with house(sqlite_url, tmp_path, clock) as parts:
        settings = parts.settings
    app = create_app(settings, clock)
    ground = ConsentGround(app.extensions["parts"], clock)
    citizens, text_id = ground.citizens(), ground.publish(contents=contents(term_days=None))
    vault, mother = ground.parts.iin_vault, ground.people["gulnara"]
    with ground.parts.uow.write() as tx:
        people.set_iin(tx, [(mother, vault.lookup(IIN), vault.seal(mother, IIN))])
    browser = ground.browser(app, "gulnara", levels.PASSWORD)

    def sign(child: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        person_id = ground.people[child]
        browser.go(f"/account/consents/{person_id}/texts/{text_id}?lang=kk")
        browser.submit(f"/texts/{text_id}", answer="eds")
        where = browser.page.request.path
        assert where.startswith("/sign/")
        document = browser.client.get(f"{where}/document").data
        assert f"Деректер субъектісі: Серікова {child.title()}".encode() in document
        assert IIN.encode() not in document
        meanwhile()
        browser.submit(where, signature=citizens.signature(citizens.key(IIN), document))
        assert browser.page.status_code == 200
        assert f"/account/consents/{person_id}" in browser.page.text

    sign("aigerim")
    row = ground.record("aigerim")
    assert (row.channel, row.state, row.relation) == ("eds", "given", "parent")
    with ground.parts.uow.read() as tx:
        signature = signing.signature_of(tx, row.proof["request"])
    assert signature is not None
    assert signature.id == row.proof["signature"]
    assert browser.go(f"/account/consents/{row.person_id}/records/{row.id}").status_code == 200
    proof = browser.go(f"/account/consents/{row.person_id}/records/{row.id}/proof.json").get_json()
    with ground.parts.uow.read() as tx:
        assert proof["document"].encode() == signing.document(tx, row.proof["request"])
    assert hashlib.sha256(proof["document"].encode()).hexdigest() == proof["record"]["proof"]["sha256"]
    assert proof["seal"]["holds"]
    sign("nurlan", lambda: ground.block("nurlan", "gulnara"))
    assert not ground.holds("nurlan")
    assert [event["why"] for event in ground.events("data_consent_not_recorded")] == ["not_found"]
    app.extensions["parts"].engine.dispose()
