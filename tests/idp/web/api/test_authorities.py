"""web/api: what an authority sees of its schools, and a school's services, campaigns and breaches, for programs."""

from __future__ import annotations

from idp.core import levels
from idp.services.acting import Actor
from idp.services.scope import of_operator
from tests.factories.callers import Callers
from tests.factories.consent_ground import draft
from tests.factories.console import Console
from tests.factories.relying_party import RelyingParty


def test_numbers_and_breaches_reach_as_far_as_the_role(console: Console) -> None:
    api = Callers(console)
    above, data_protection = api.of("official"), api.of("data_protection")
    listed = above.get("/schools?limit=2", "Schools")
    assert (listed["total"], listed["pages"], listed["schools"][0]["id"]) == (3, 2, console.district)
    own = api.of("director").get("/schools", "Schools")["schools"]
    assert [one["id"] for one in own] == [console.school]
    browser = console.browser("data_protection")
    page = f"/admin/schools/{console.school}/breaches"
    browser.go(page)
    opened = browser.submit("/breaches", what="Тізім жоғалды", detected_at="2026-09-01T07:30")
    breach_id = opened.request.path.rpartition("/")[2]
    for who, path in ((above, "/breaches"), (data_protection, f"/schools/{console.school}/breaches")):
        [row] = who.get(path, "Breaches")["breaches"]
        assert (row["id"], row["school"]["id"], row["state"]) == (breach_id, console.school, "open")
    assert above.get(f"/schools/{console.school}/breaches/{breach_id}", "Breach")["what"] == "Тізім жоғалды"
    assert above.refused("GET", f"/schools/{console.other}/breaches/{breach_id}") == (404, "not_found")
    everywhere, here = above.get("/statistics", "Statistics"), f"/schools/{console.school}/statistics"
    exact = data_protection.get(here, "Statistics")
    assert (everywhere["anonymised"], exact["anonymised"]) == (True, False)
    grades = {table["name"]: table["rows"] for table in exact["tables"]}["grades"]
    assert grades == [{"key": "7", "count": 1}]
    hidden = {table["name"]: table["rows"] for table in everywhere["tables"]}["grades"]
    assert hidden == [{"key": "7", "count": None}]


def test_a_service_is_switched_and_a_campaign_counted(console: Console) -> None:
    api, school = Callers(console), f"/schools/{console.school}"
    RelyingParty(console.parts.clients, console.app.test_client(), "canteen", bilim_schools=[console.school])
    head = api.of("director")
    states = {one["client_id"]: one["is_on"] for one in head.get(f"{school}/services", "Services")["services"]}
    assert states == {"cabinet": True, "canteen": True}
    weak = api.of("director", acr=levels.PASSWORD).ask("POST", f"{school}/services/canteen/off")
    assert (weak.status_code, weak.content_type) == (401, "application/problem+json")
    for _ in range(2):
        assert head.ask("POST", f"{school}/services/canteen/off").status_code == 204
    [off] = [one for one in head.get(f"{school}/services", "Services")["services"] if not one["is_on"]]
    assert off["client_id"] == "canteen"
    assert head.ask("POST", f"{school}/services/canteen/on").status_code == 204
    assert head.refused("POST", f"{school}/services/nobody/on") == (404, "not_found")
    assert api.of("secretary").refused("POST", f"{school}/services/canteen/off") == (403, "no_right")

    desk, scope = console.parts.consent_desk, of_operator((console.school,))
    director = Actor(
        console.people["director"], "m", "director", console.school, levels.EDS, (), console.clock.now(), ""
    )
    text_id = desk.texts.draft(scope, console.school, director, "visits", "", draft())
    desk.texts.publish(scope, text_id, director)
    days = {"title": "Қыркүйек", "begin": "2026-09-01", "end": "2026-09-20"}
    made = desk.campaigns.begin(scope, console.school, director, days, [text_id], [])
    teacher, all_campaigns = api.of("class_teacher"), f"{school}/consents/campaigns"
    [row] = teacher.get(f"{all_campaigns}?limit=1", "Campaigns")["campaigns"]
    assert (row["id"], row["state"], row["class_count"]) == (made, "open", 0)
    counted = teacher.get(f"{all_campaigns}/{made}", "Progress")
    assert [(one["id"], one["pupils"], one["answered"]) for one in counted["classes"]] == [(console.klass, 1, 0)]
    assert counted["texts"][0]["states"] == {"missing": 1}
    assert "Серікова" not in str(counted)
    assert api.of("other_director").refused("GET", f"{all_campaigns}/{made}") == (404, "not_found")
