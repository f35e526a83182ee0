"""web/api/schools and school_cards: lists and steps of the console for programs, with the rights of who is behind."""

from __future__ import annotations

from sqlalchemy import select

from idp.core import levels
from idp.store.models.audit import AuditEvent
from tests.factories.callers import Callers
from tests.factories.console import Console


def test_the_office_reads_lists_and_changes_a_person(console: Console) -> None:
    api, people = Callers(console), console.people
    office, school = api.of("secretary"), f"/schools/{console.school}"
    page = office.get(f"{school}/people?role=pupil&limit=1", "People")
    assert (page["total"], page["people"][0]["id"]) == (1, people["pupil"])
    assert office.get(f"{school}/classes", "Classes")["classes"][0]["teacher"] == "Ахметов Марат"
    (link,) = office.get(f"{school}/guardianships", "Guardianships")["guardianships"]
    assert (link["child"]["id"], link["guardian"]["id"]) == (people["pupil"], people["guardian"])
    assert office.get(f"{school}/calendar", "Calendar")["is_own"] is False
    one = f"{school}/people/{people['pupil']}"
    changed = office.ask("PATCH", one, {"middle_name": "", "language": "ru"})
    assert (changed.get_json()["middle_name"], changed.get_json()["family_name"]) == ("", "Серікова")
    assert office.get(one, "Person")["language"] == "ru"
    answer = office.ask("PATCH", one, {"birth_date": "yesterday"})
    assert (answer.status_code, answer.get_json(force=True)["errors"]) == (
        422, [{"pointer": "#/birth_date", "detail": "date"}],
    )  # fmt: skip
    for wrong in ({}, {"iin": "1"}, {"language": 1}):
        assert office.refused("PATCH", one, wrong) == (400, "invalid")
    for limit in ("201", "0", "0001009999", "9" * 5000):
        assert office.refused("GET", f"{school}/people?limit={limit}") == (400, "invalid")
    events = console.parts.my_access.of(people["pupil"]).looks
    assert [one.what for one in events] == ["facts"], "looking at one person leaves a trace, once an hour"

    office.get(f"{school}/people?role=pupil&limit=1", "People")
    console.browser("secretary").go(f"/admin{school}/people")
    with console.parts.uow.read() as tx:
        lists = [one for one in tx.session.scalars(select(AuditEvent)) if one.event == "listed"]
    told = {
        (one.client_id, one.data["what"], one.data.get("basis"), "birthdate" in one.data.get("claims", ()))
        for one in lists
    }
    people_and_guardians = {("cabinet", "people", "contract", True), ("cabinet", "guardians", "contract", False)}
    assert told == people_and_guardians | {("", "people", None, False)}
    narrow = Callers(console, "narrow", scope="openid admin", bilim_claims=["name"]).of(
        "secretary", scope="openid admin"
    )
    assert set(narrow.get(f"{school}/people?role=pupil", "People")["people"][0]) == {"id", "sub", "state", "name"}
    assert set(narrow.get(one, "Person")) == {"id", "sub", "is_current"}


def test_cards_step_by_step_and_a_second_press_changes_nothing(console: Console) -> None:
    api, school = Callers(console), f"/schools/{console.school}"
    office = api.of("secretary")
    new = {"person": console.people["pupil"], "number": "04A1B2C3", "format": "hex"}
    card = office.post(f"{school}/cards", "CardId", new)["id"]
    assert office.refused("POST", f"{school}/cards", new) == (409, "card_already_active")
    assert office.refused("POST", f"{school}/cards", {"person": new["person"]}) == (400, "invalid")
    guard = api.of("guard")
    for _ in range(2):
        assert guard.ask("POST", f"{school}/cards/{card}/block", {"reason": "lost"}).status_code == 204
    assert guard.refused("POST", f"{school}/cards/{card}/unblock") == (403, "no_right")
    assert office.ask("POST", f"{school}/cards/{card}/unblock").status_code == 204
    assert office.ask("POST", f"{school}/cards/{card}/return", {"reason": "left"}).status_code == 204
    states = {one["state"] for one in office.get(f"{school}/cards?state=returned", "Cards")["cards"]}
    assert states == {"returned"}
    weak = api.of("guardian", acr=levels.PASSWORD)
    assert weak.refused("GET", f"{school}/people") == (403, "no_right")
