"""One person's page."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from idp.core import levels
from idp.store.models.audit import AuditEvent
from tests.factories.console import Console

IIN = "130517600019"


def _events(console: Console, event: str) -> list[AuditEvent]:
    with console.parts.uow.read() as tx:
        return list(tx.session.scalars(select(AuditEvent).where(AuditEvent.event == event)))


def test_facts_are_shown_and_changed_within_the_school(console: Console) -> None:
    browser = console.browser("secretary")
    url = f"/admin/schools/{console.school}/people/{console.people['pupil']}"
    assert browser.go(f"/admin/schools/{console.school}/people/{console.people['other_pupil']}").status_code == 404
    assert "7 «Ә»" in browser.go(url).text
    browser.go(f"{url}/edit")
    wrong = browser.submit("/edit", birth_date="2011-02-29", language="kk")
    assert wrong.status_code == 422
    browser.go(f"{url}/edit")
    page = browser.submit("/edit", family_name="Сейітова", language="ru", phone="8 701 234 56 78")
    assert "Сейітова" in page.text
    assert "+77012345678" in page.text
    assert _events(console, "person_changed")[0].data["fields"] == ["family_name", "language", "phone"]
    assert {event.data["what"] for event in _events(console, "person_viewed")} == {"facts"}


def test_an_iin_is_entered_masked_and_shown_for_a_reason_only(console: Console) -> None:
    browser = console.browser("director")
    url = f"/admin/schools/{console.school}/people/{console.people['pupil']}"
    browser.go(url)
    assert browser.submit("/iin", iin="123").status_code == 422
    page = browser.submit("/iin", iin=IIN)
    assert IIN not in page.text
    assert "0019" in page.text
    assert browser.submit("/iin/show", reason="x").status_code == 422
    shown = browser.submit("/iin/show", reason="Аттестатқа керек")
    assert IIN in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    (event,) = _events(console, "iin_shown")
    assert event.data["reason"] == "Аттестатқа керек"
    assert IIN not in browser.go(url).text
    assert "/login/again" in console.browser("director", age=timedelta(minutes=20)).client.post(
        f"{url}/iin/show", data={"reason": "Аттестатқа керек"}, headers={"Referer": f"http://localhost{url}"}
    ).headers.get("Location", "/login/again")


def test_roles_are_added_and_ended_and_never_above_the_own(console: Console) -> None:
    browser = console.browser("secretary")
    url = f"/admin/schools/{console.school}/people/{console.people['nurse']}"
    browser.go(url)
    assert browser.submit("/roles/new", role="director").status_code == 403
    browser.go(url)
    assert "Мұғалім" in browser.submit("/roles/new", role="teacher").text
    page = browser.submit("/end")
    assert page.status_code == 200
    director = f"/admin/schools/{console.school}/people/{console.people['director']}"
    browser.go(director)
    assert browser.submit("/password").status_code == 403


def test_a_first_password_is_a_sheet_made_once_and_ends_every_session(console: Console) -> None:
    pupil = console.browser("pupil", acr=levels.PASSWORD)
    browser = console.browser("deputy")
    browser.go(f"/admin/schools/{console.school}/people/{console.people['pupil']}")
    sheet = browser.submit("/password")
    assert sheet.content_type == "application/pdf"
    assert sheet.data.startswith(b"%PDF")
    assert pupil.go("/account").request.path.startswith("/login")
