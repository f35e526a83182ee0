"""web/api/me: what an app learns of the person whose token it holds, and when it learns nothing more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from idp.core import levels
from idp.services.scope import of_operator
from idp.store.models.audit import AuditEvent
from tests.factories.callers import Callers
from tests.factories.console import Console


def test_a_person_reads_what_is_theirs(console: Console) -> None:
    api, people = Callers(console), console.people
    director = api.of("director")
    me = director.get("/me", "Me")
    assert (me["given_name"], me["acr"], me["sessions"]) == ("Сәуле", levels.EDS, 1)
    assert [(one["role"], one["active"]) for one in me["roles"]] == [("director", True)]
    assert me["sub"] == console.parts.oidc.subjects.sub("textbooks.example", people["director"])

    assert director.get("/me/cards", "Card") == {"card": None}
    assert director.refused("POST", "/me/cards/block") == (404, "not_found")
    scope = of_operator((console.school,))
    console.parts.cards.issue(scope, console.school, people["director"], "04A1B2C3", "hex")
    for _ in range(2):
        card = director.post("/me/cards/block", "Card")["card"]
        assert (card["state"], card["reason"]) == ("blocked", "lost")

    found = director.get("/me/access", "Access")
    assert {"name", "roles"} <= set(found["releases"][0]["claims"])
    copy = director.get("/me/data", "Copy")
    assert copy["tables"]["people"]["rows"][0]["iin"] == "", "this client has no basis for the number"
    assert director.refused("GET", "/me/nothing") == (404, "not_found")


def test_a_token_opens_only_what_it_was_granted_and_while_it_stands(console: Console) -> None:
    api = Callers(console)
    assert api.of("pupil", scope="openid").refused("GET", "/me") == (403, "insufficient_scope")
    reader = api.of("pupil", scope="openid me")
    assert reader.refused("POST", "/me/cards/block") == (403, "insufficient_scope")
    old = api.of("pupil", acr=levels.PASSWORD, age=timedelta(minutes=16))
    answer = old.ask("GET", "/me/data")
    assert answer.status_code == 401
    assert 'error="insufficient_user_authentication"' in answer.headers["WWW-Authenticate"]
    assert f'acr_values="{levels.PASSWORD}", max_age="900"' in answer.headers["WWW-Authenticate"]

    assert reader.ask("GET", "/me").status_code == 200
    scope = of_operator((console.school,))
    actor = console.parts.acting.actor(
        person_id=console.people["director"], membership_id=console.memberships["director"], acr=levels.EDS, amr=(),
        auth_time=console.clock.now(),
    )  # fmt: skip
    console.parts.person_edits.end_sessions(actor, scope, console.people["pupil"])
    assert reader.refused("GET", "/me") == (401, "invalid_token")


def test_an_app_gets_what_it_is_approved_for_and_no_copy_without_the_scope(console: Console) -> None:
    bare = Callers(console, "bare", scope="openid me", bilim_claims=[]).of("guardian", scope="openid me")
    assert set(bare.get("/me", "Me")) == {"sub", "acr", "auth_time", "sessions"}
    assert bare.get("/me/children", "Children") == {}
    assert [set(one) for one in bare.get("/me/requests", "Requests")["about"]] == [{"sub", "is_self"}]
    assert bare.refused("GET", "/me/data") == (403, "insufficient_scope")
    named = Callers(console, "named", scope="openid me", bilim_claims=["given_name", "roles"])
    for _ in range(3):
        me = named.of("director", scope="openid me").get("/me", "Me")
    assert (me["given_name"], set(me["roles"][0])) == ("Сәуле", {"role", "active"})
    (release,) = console.parts.my_access.of(console.people["director"]).releases
    assert sorted(release.claims) == ["given_name", "roles"]


def test_asking_again_and_being_refused_again_is_written_once_an_hour(console: Console) -> None:
    caller = Callers(console).of("guardian")
    for _ in range(3):
        caller.get("/me", "Me")
        assert caller.refused("GET", "/me/children/unknown") == (404, "not_found")
    with console.parts.uow.read() as tx:
        events = list(tx.session.scalars(select(AuditEvent).where(AuditEvent.client_id == "cabinet")))
    assert [one.event for one in events if one.event == "claims_released"] == ["claims_released"]
    assert [one.data for one in events if one.event == "api_denied"] == [{"why": "child"}]
