"""The register of cards in the console: from a number to its holder, one person's cards, a file, badges."""

from __future__ import annotations

import io

from sqlalchemy import insert, select

from idp.core import levels
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Photo
from tests.factories.console import Console
from tests.factories.rows import BEGINNING

NUMBER, OTHER = "0013961169", "0005280984"


def test_an_office_gives_out_replaces_and_takes_back_a_card(console: Console) -> None:
    browser = console.browser("secretary", acr=levels.PASSWORD)
    at = f"/admin/schools/{console.school}"
    mine = f"{at}/people/{console.people['pupil']}/cards"
    browser.go(f"{at}/cards?state=none&q=серикова")
    assert "Серікова Айгерім" in browser.page.text
    assert "Серікова Гүлнара" not in browser.page.text
    browser.go(mine)
    page = browser.submit(mine, number="no card", format="dec10")
    assert (page.status_code, page.text.count('aria-invalid="true"')) == (422, 1)
    page = browser.submit(mine, number=NUMBER, format="dec10")
    assert (page.status_code, page.request.path) == (200, mine)
    assert "… 1169" in page.text
    assert NUMBER not in page.text
    page = browser.submit("/block", reason="lost")
    assert 'class="st st-stop"' in page.text
    assert browser.submit("/unblock").status_code == 200
    page = browser.submit("/replace", number=OTHER, format="dec10", reason="broken")
    assert "… 0984" in page.text
    stale = page.text.split('/return"')[0].rpartition('action="')[2]
    assert browser.submit("/return", reason="left").status_code == 200
    again = browser.client.post(f"{stale}/block", data={"csrf_token": _token(page.text), "reason": "lost"})
    assert again.status_code == 409
    steps = browser.go(mine).text
    assert steps.count("Өтегенова Гауһар Маратқызы") == 8
    foreign = browser.client.post(
        f"{at}/people/{console.people['teacher']}/cards/{stale.rpartition('/')[2]}/block",
        data={"csrf_token": _token(page.text), "reason": "lost"},
    )
    assert foreign.status_code == 404


def _token(text: str) -> str:
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_guard_finds_a_holder_and_blocks_but_gives_out_nothing(console: Console) -> None:
    office, guard = console.browser("secretary"), console.browser("guard", acr=levels.PASSWORD)
    at = f"/admin/schools/{console.school}"
    mine = f"{at}/people/{console.people['pupil']}/cards"
    office.go(mine)
    office.submit(mine, number=NUMBER, format="dec10")
    guard.go(f"{at}/cards")
    page = guard.submit("/cards/find", number=OTHER, format="dec10")
    assert (page.status_code, page.text.count('aria-invalid="true"')) == (404, 1)
    page = guard.submit("/cards/find", number="04A1", format="hex")
    assert page.status_code == 422
    page = guard.submit("/cards/find", number=NUMBER, format="dec10")
    assert page.request.path == mine
    assert "issue-submit" not in page.text
    assert "replace-submit" not in page.text
    assert 'class="st st-stop"' in guard.submit("/block", reason="lost").text
    teacher = console.browser("class_teacher", acr=levels.PASSWORD)
    assert teacher.go(mine).status_code == 200
    assert teacher.go(f"{at}/people/{console.people['guard']}/cards").status_code == 404
    with console.parts.uow.read() as tx:
        seen = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "person_viewed"))
        assert {one.actor_id for one in seen} >= {console.people["guard"], console.people["class_teacher"]}


def test_cards_come_from_a_file_after_a_look_and_badges_go_to_the_printer(console: Console) -> None:
    browser = console.browser("secretary")
    at = f"/admin/schools/{console.school}/cards"
    browser.go(at)
    assert browser.submit("/cards/format", format="hexr").status_code == 200
    assert browser.submit("/cards/find", number="04A1B2C3").status_code == 404
    browser.go(f"{at}/import")
    assert _sent(browser, at, b"").status_code == 422
    page = _sent(browser, at, f"username,number\npupil,{NUMBER}\nnobody,{OTHER}\n".encode())
    assert "nobody" in page.text
    assert NUMBER not in page.text
    browser.page = page
    assert browser.submit("/apply").status_code == 200
    browser.page = page
    assert browser.submit("/apply").status_code == 409
    with console.parts.uow.write() as tx:
        picture = {"person_id": console.people["pupil"], "image": b"no picture", "sha256": "x"}
        tx.connection.execute(insert(Photo), picture | {"updated_at": BEGINNING, "updated_by": "x"})
    assert "7 «Ә»" in browser.go(f"{at}/badges").text
    sheet = browser.go(f"{at}/badges?class={console.klass}")
    assert (sheet.content_type, sheet.data[:5]) == ("application/pdf", b"%PDF-")
    assert browser.go(f"{at}/badges?class={console.other_klass}").status_code == 404


def _sent(browser, at: str, data: bytes):  # type: ignore[no-untyped-def]
    form = {"csrf_token": _token(browser.page.text), "format": "dec10", "file": (io.BytesIO(data), "cards.csv")}
    return browser.client.post(f"{at}/import", data=form)


def test_a_parent_reports_a_lost_card_on_the_account(console: Console) -> None:
    office = console.browser("secretary")
    mine = f"/admin/schools/{console.school}/people/{console.people['pupil']}/cards"
    office.go(mine)
    office.submit(mine, number=NUMBER, format="dec10")
    pupil, parent = console.browser("pupil"), console.browser("guardian")
    assert "card/block" in pupil.go("/account").text
    parent.go("/account/children")
    page = parent.submit("/account/card/block")
    assert (page.status_code, page.request.path) == (200, "/account/children")
    assert "card/block" not in page.text
    other = console.browser("other_director")
    token = _token(other.go("/account").text)
    refused = other.client.post("/account/card/block", data={"csrf_token": token, "person": console.people["pupil"]})
    assert refused.status_code == 404
