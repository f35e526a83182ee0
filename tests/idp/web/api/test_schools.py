"""web/api/schools and school_cards: lists and steps of the console for programs, with the rights of who is behind."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from idp.core import levels
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Person
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
    headers = {"Authorization": f"Bearer {office.token}", "Content-Type": "application/json"}
    sent = console.app.test_client().patch(f"/api/v1{one}", data='{"language": "kk"}'.encode("utf-16"), headers=headers)
    assert (sent.status_code, sent.content_type) == (400, "application/problem+json"), "JSON is UTF-8 and nothing else"
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


def test_people_read_one_by_one_count_as_in_a_list(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.parts.exports, "_person_limit", 3)
    office, school = Callers(console).of("secretary"), f"/schools/{console.school}"
    office.get(f"{school}/people?limit=2", "People")
    one = f"{school}/people/{console.people['pupil']}"
    office.get(one, "Person")
    assert office.refused("GET", one) == (429, "export_limit")
    assert office.refused("PATCH", one, {"language": "kk"}) == (429, "export_limit"), "it answers with the whole person"
    assert office.refused("GET", f"{school}/people?limit=1") == (429, "export_limit")
    page = console.browser("secretary").go(f"/admin{school}/people")
    assert page.status_code == 429, "the pages of the console count for the same person"


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
    assert office.refused("POST", f"{school}/cards/{card}/unblock") == (409, "card_changed")
    for _ in range(2):
        assert office.ask("POST", f"{school}/cards/{card}/return", {"reason": "left"}).status_code == 204
    states = {one["state"] for one in office.get(f"{school}/cards?state=returned", "Cards")["cards"]}
    assert states == {"returned"}
    weak = api.of("guardian", acr=levels.PASSWORD)
    assert weak.refused("GET", f"{school}/people") == (403, "no_right")


def test_an_app_is_told_nothing_of_people_whose_data_are_blocked_and_the_pages_are(console: Console) -> None:
    api, people, school = Callers(console), console.people, f"/schools/{console.school}"
    office, director = api.of("secretary"), console.browser("director")
    new = {"person": people["pupil"], "number": "04A1B2C3", "format": "hex"}
    office.post(f"{school}/cards", "CardId", new)
    names = {"people": "People", "guardianships": "Guardianships", "cards": "Cards", "classes": "Classes"}

    def told(who: str) -> set[str]:
        return {name for name, shape in names.items() if who in str(office.get(f"{school}/{name}", shape))}

    assert told(people["pupil"]) == {"people", "guardianships", "cards"}
    assert told("Ахметов Марат") == {"people", "classes"}
    now = console.clock.now()
    for name in ("pupil", "class_teacher", "guardian"):
        with console.parts.uow.write() as tx:
            tx.connection.execute(update(Person).where(Person.id == people[name]).values(restricted_at=now))
        assert told(people[name]) == set(), name
        assert office.refused("GET", f"{school}/people/{people[name]}") == (404, "not_found")
        assert office.refused("PATCH", f"{school}/people/{people[name]}", {"language": "ru"}) == (404, "not_found")
        assert director.go(f"/admin{school}/people/{people[name]}").status_code == 200, "the school keeps them"
    assert told("Ахметов Марат") == set()
    assert office.get(f"{school}/people?q=серикова", "People")["total"] == 0
    assert people["pupil"] in director.go(f"/admin{school}/people?role=pupil").text


def test_what_is_refused_below_the_door_is_written_down(console: Console) -> None:
    """Whoever tries other schools' people by their ids is seen, wherever the id stands."""
    office, school = Callers(console).of("secretary"), f"/schools/{console.school}"
    stranger, director = console.people["other_pupil"], console.people["director"]
    assert office.refused("GET", f"{school}/people/{stranger}") == (404, "not_found")
    card = {"person": stranger, "number": "04A1B2C3", "format": "hex"}
    assert office.refused("POST", f"{school}/cards", card) == (404, "not_found")
    assert office.refused("PATCH", f"{school}/people/{director}", {"language": "ru"}) == (403, "person_above")
    with console.parts.uow.read() as tx:
        query = select(AuditEvent).where(AuditEvent.event == "access_denied").order_by(AuditEvent.id)
        told = [(one.actor_id, one.data["right"], one.data["why"]) for one in tx.session.scalars(query)]
    who = console.people["secretary"]
    assert told == [
        (who, "people.read", "not_found"), (who, "cards.write", "not_found"), (who, "people.write", "person_above"),
    ]  # fmt: skip
