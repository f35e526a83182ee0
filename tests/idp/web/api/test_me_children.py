"""web/api/me_children: a child is there while the link holds, and not a request longer."""

from __future__ import annotations

from sqlalchemy import update

from idp.services.scope import of_operator
from idp.store.models.people import Person
from tests.factories.callers import Callers
from tests.factories.console import Console, add_guardianship


def test_a_guardian_sees_the_child_as_it_is_now(console: Console) -> None:
    api, people = Callers(console), console.people
    guardian = api.of("guardian")
    (child,) = guardian.get("/me/children", "Children")["children"]
    assert (child["given_name"], child["class"]["title"]) == ("Айгерім", "7 «Ә»")
    path = f"/me/children/{child['sub']}"
    found = guardian.get(path, "Child")
    assert found["class"]["teacher"] == "Ахметов Марат"
    assert (found["card"], found["consents"]) == (None, {"waiting": 0, "states": []})

    console.parts.cards.issue(of_operator((console.school,)), console.school, people["pupil"], "04A1B2C3", "hex")
    assert guardian.get(path, "Child")["card"]["state"] == "active"
    assert guardian.post(f"{path}/cards/block", "Card")["card"]["state"] == "blocked"
    assert guardian.get(f"{path}/cards", "Card")["card"]["number_ends_in"]
    assert "school" in guardian.get(f"{path}/access", "Access")["releases"][0]["claims"]
    assert guardian.get(f"{path}/data", "Copy")["person"] == people["pupil"]


def test_nobody_elses_child_and_no_child_of_who_is_here_as_a_teacher(console: Console) -> None:
    people = console.people
    with console.parts.uow.write() as tx:
        add_guardianship(tx, console.school, people["pupil"], people["class_teacher"])
    api = Callers(console)
    sub = api.of("guardian").get("/me/children", "Children")["children"][0]["sub"]
    for name in ("director", "class_teacher", "pupil"):
        caller = api.of(name)
        assert caller.get("/me/children", "Children") == {"children": []}
        for method, rest in (("GET", ""), ("GET", "/consents"), ("POST", "/cards/block"), ("GET", "/data")):
            assert caller.refused(method, f"/me/children/{sub}{rest}") == (404, "not_found")
    assert api.of("guardian").refused("GET", f"/me/children/{people['pupil']}") == (404, "not_found")


def test_of_a_restricted_child_only_that_is_told(console: Console) -> None:
    guardian = Callers(console).of("guardian")
    (child,) = guardian.get("/me/children", "Children")["children"]
    path, pupil = f"/me/children/{child['sub']}", console.people["pupil"]
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Person).where(Person.id == pupil).values(restricted_at=console.clock.now()))
    only = {"sub": child["sub"], "restricted": True}
    assert guardian.get("/me/children", "Children") == {"children": [only]}
    assert guardian.get(path, "Child") == only
    for method, rest in (("GET", "/cards"), ("GET", "/access"), ("GET", "/data"), ("GET", "/consents"), ("POST", "/cards/block")):  # fmt: skip  # noqa: E501
        assert guardian.refused(method, path + rest) == (403, "child_restricted")
    assert [one["is_self"] for one in guardian.get("/me/requests", "Requests")["about"]] == [True]
    assert Callers(console, "own").of("pupil").get("/me", "Me")["given_name"] == "Айгерім", "access is one's own right"
