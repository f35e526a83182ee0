"""web/api/me_requests: a demand over one's own or a child's data, made once, taken back, answered by the school."""

from __future__ import annotations

from idp.services.listing import Asked
from idp.services.scope import of_actor, of_operator
from tests.factories.callers import Callers
from tests.factories.console import Console


def test_a_guardian_demands_for_a_child_and_takes_it_back(console: Console) -> None:
    guardian = Callers(console).of("guardian")
    listed = guardian.get("/me/requests", "Requests")
    about = next(one for one in listed["about"] if not one["is_self"])
    assert {"kind": "access", "working_days": 3, "by_law": False} in listed["kinds"]
    wanted = {"kind": "access", "sub": about["sub"], "school": about["school"]["id"]}
    made = guardian.post("/me/requests", "Request", wanted)
    assert (made["state"], made["sub"], made["is_own"]) == ("open", about["sub"], True)
    assert guardian.refused("POST", "/me/requests", wanted) == (409, "request_open")
    assert guardian.refused("POST", "/me/requests", wanted | {"sub": "x"}) == (404, "not_found")
    assert guardian.refused("POST", "/me/requests", wanted | {"kind": "x"}) == (400, "invalid")
    answer = guardian.ask("POST", "/me/requests", wanted | {"kind": "blocking"})
    assert (answer.status_code, answer.get_json(force=True)["errors"][0]["pointer"]) == (422, "#/text")
    assert guardian.post(f"/me/requests/{made['id']}/take-back", "Request")["state"] != "open"
    assert guardian.refused("POST", "/me/requests/unknown/take-back") == (404, "not_found")
    assert [one["id"] for one in guardian.get("/me/requests", "Requests")["requests"]] == [made["id"]]
    director = of_actor(console.people["director"], "director", (console.school,))
    (link,) = console.parts.guardian_links.listed(of_operator((console.school,)), Asked()).rows
    console.parts.guardian_links.block(
        director, link.id, school_id=console.school, basis="court", reason="Сот шешімі № 2-114"
    )
    assert guardian.get("/me/requests", "Requests")["requests"] == [], "it goes with the link"
