"""One person's page, and its doors to what gives or takes away a way in: who may, whom not, and the traces of it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from idp.core import levels
from idp.core.ids import new_id
from idp.store import credentials
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Membership, Person
from tests.factories.console import Console, add_guardianship
from tests.factories.rows import add_membership

IIN = "130517600019"


def _events(console: Console, *names: str) -> list[AuditEvent]:
    with console.parts.uow.read() as tx:
        query = select(AuditEvent).where(AuditEvent.event.in_(names)).order_by(AuditEvent.id)
        return list(tx.session.scalars(query))


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


@pytest.fixture
def without_csrf(console: Console) -> None:
    """A forged form would be refused before any right is asked; here the right must do it."""
    console.app.config["WTF_CSRF_ENABLED"] = False


def _at(console: Console, person: str, act: str, school: str = "") -> str:
    return f"/admin/schools/{school or console.school}/people/{person}{act}"


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (90, 120), "navy").save(out, "PNG")
    return out.getvalue()


def _post(console: Console, name: str, url: str, **options: object) -> int:
    acr, age = options.pop("acr", levels.EDS), options.pop("age", timedelta(0))
    browser = console.browser(name, acr=acr, age=age)  # type: ignore[arg-type]
    return browser.client.post(url, data=options or {"x": "1"}).status_code


@pytest.mark.usefixtures("without_csrf")
def test_factors_are_reset_by_the_office_and_for_nobody_above_elsewhere_or_themselves(console: Console) -> None:
    people, uow = console.people, console.parts.uow
    with uow.write() as tx:
        for name in ("teacher", "guardian", "pupil", "deputy", "director", "secretary", "nurse", "other_pupil"):
            credentials.add(tx, people[name], "totp", {}, now=console.clock.now())
        console.add(tx, "parent", "guardian", console.school)
        for child in ("pupil", "other_pupil"):
            add_guardianship(tx, console.school, people[child], people["parent"])
        add_membership(tx, people["nurse"], console.other, "nurse")
        console.add(tx, "second_secretary", "secretary", console.school)
    for who, whom, status, why in (
        ("secretary", "teacher", 303, ""), ("secretary", "guardian", 303, ""), ("deputy", "secretary", 303, ""),
        ("director", "deputy", 303, ""), ("operator", "director", 303, ""),
        ("secretary", "deputy", 403, "person_above"), ("secretary", "second_secretary", 403, "person_above"),
        ("deputy", "director", 403, "person_above"), ("director", "director", 403, "own_account"),
        ("secretary", "secretary", 403, "own_account"), ("director", "nurse", 403, "person_elsewhere"),
        ("director", "parent", 403, "person_elsewhere"), ("director", "other_pupil", 404, "not_found"),
        ("class_teacher", "pupil", 403, ""), ("data_protection", "teacher", 403, ""), ("guardian", "pupil", 403, ""),
        ("other_director", "teacher", 404, ""),
    ):  # fmt: skip
        before = len(_events(console, "access_denied"))
        assert _post(console, who, _at(console, people[whom], "/factors/reset")) == status, (who, whom)
        denied = _events(console, "access_denied")[before:]
        assert len(denied) == (status != 303), (who, whom)
        if why:
            assert denied[0].data["why"] == why, (who, whom)
            assert denied[0].actor_id == people[who]
    for weak in ({"acr": levels.PASSWORD}, {"age": timedelta(minutes=16)}):
        assert _post(console, "director", _at(console, people["nurse"], "/factors/reset"), **weak) == 403
    with uow.read() as tx:
        left = {name for name in people if "totp" in credentials.methods_of(tx, people[name])}
    assert left == {"pupil", "nurse", "other_pupil"}
    done = [(event.actor_id, event.person_id, event.school_id) for event in _events(console, "factors_reset")]
    assert done[:2] == [(people["secretary"], people[whom], console.school) for whom in ("teacher", "guardian")]


ODD = (new_id(), "x", "0" * 400, "%00", "..%2f..%2fother", "%ff%fe")
DOORS = ("/edit", "/iin", "/iin/show", "/roles/new", "/sessions/end", "/password", "/factors/reset", "/photo",
         "/photo/delete", "/guardians/add")  # fmt: skip


@pytest.mark.usefixtures("without_csrf")
def test_odd_input_at_these_doors_is_refused_precisely(console: Console) -> None:
    people, client = console.people, console.browser("director").client
    wrong, picture = [], _picture()
    for number, door in enumerate(DOORS):
        for odd in (ODD[number % 6], ODD[(number + 3) % 6], people["other_pupil"]):
            sent = {"reason": "Аттестатқа керек", "photo": (io.BytesIO(picture), "a.png")}
            status = client.post(_at(console, odd, door), data=sent).status_code
            if status not in (400, 404):
                wrong.append((door, odd, status))
    assert wrong == []
    pupil, much = people["pupil"], "9" * 100_000
    for door, field, good in (
        ("/iin", "iin", ""), ("/iin/show", "reason", ""), ("/roles/new", "role", ""), ("/roles/new", "class", "pupil"),
        ("/edit", "birth_date", ""), ("/edit", "email", ""), ("/edit", "language", ""),
    ):  # fmt: skip
        for text in ("\x00💥", much):
            fields = {"role": good} if good else {}
            status = client.post(_at(console, pupil, door), data=fields | {field: text}).status_code
            if status not in (400, 403, 404, 409, 413, 422) and not (door == "/iin/show" and text in (much,)):
                wrong.append((f"{door} {field}", text[:5], status))
    assert wrong == []
    twice = client.post(_at(console, people["nurse"], "/roles/new"), data="role=teacher&role=director",
                        content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert twice.status_code in (303, 400)
    membership = console.memberships["other_pupil"]
    assert client.post(_at(console, pupil, f"/roles/{membership}/end")).status_code == 404
    with console.parts.uow.read() as tx:
        held = tx.connection.execute(select(Membership.role).where(Membership.person_id == people["nurse"])).scalars()
        assert set(held) <= {"nurse", "teacher"}
        row = tx.session.scalars(select(Person).where(Person.id == pupil)).one()
    assert (row.family_name, row.iin_lookup) == ("Серікова", None)


@pytest.mark.usefixtures("without_csrf")
def test_no_number_and_no_role_of_staff_is_given_without_what_giving_a_way_in_takes(console: Console) -> None:
    """An ЭЦҚ finds an account by its number: whoever writes it decides who comes in."""
    pupil = _at(console, console.people["pupil"], "/iin")
    assert _post(console, "data_protection", pupil, iin="130517600019") == 403
    assert _post(console, "secretary", pupil, acr=levels.PASSWORD, iin="130517600019") == 403
    new = f"/admin/schools/{console.school}/people/new"
    asel = {"family_name": "Тілеуова", "given_name": "Әсел", "language": "kk"}
    weak: dict[str, object] = {"acr": levels.PASSWORD}
    for role in ("secretary", "guard", "x"):
        assert _post(console, "secretary", new, **weak, **asel, role=role, iin="850525400018") == 403
    assert _post(console, "secretary", new, age=timedelta(minutes=16), **asel, role="guard") == 403
    assert _post(console, "secretary", new, **weak, **asel, **{"class": console.klass}, role="pupil") == 303
    assert _post(console, "secretary", new, **asel, role="guard", iin="850525400018") == 303


@pytest.mark.usefixtures("without_csrf")
def test_a_form_and_a_picture_leave_the_trace_of_who_saw_and_changed_what(console: Console) -> None:
    people = console.people
    browser = console.browser("secretary")
    for path in ("/edit", "/photo"):
        assert browser.client.get(_at(console, people["director"], path)).status_code in (403, 404)
    assert not _events(console, "person_viewed"), "nothing was shown"
    assert [event.data["why"] for event in _events(console, "access_denied")] == ["person_above", "not_found"]
    pupil = _at(console, people["pupil"], "")
    assert browser.client.get(f"{pupil}/edit").status_code == 200
    browser.client.post(f"{pupil}/photo", data={"photo": (io.BytesIO(_picture()), "a.png")})
    assert browser.client.get(f"{pupil}/photo").status_code == 200
    browser.client.post(f"{pupil}/photo/delete")
    traces = [
        (event.event, event.actor_id, event.person_id, event.school_id, event.data["what"])
        for event in _events(console, "person_viewed", "photo_changed")
    ]
    about = (people["secretary"], people["pupil"], console.school)
    assert traces == [
        ("person_viewed", *about, "facts"), ("photo_changed", *about, "put"), ("person_viewed", *about, "photo"),
        ("photo_changed", *about, "removed"),
    ]  # fmt: skip
