"""web/api/school_requests: the inbox of requests for programs, and an answer that does what it says."""

from __future__ import annotations

from idp.core import levels
from tests.factories.callers import Callers
from tests.factories.console import Console


def test_a_request_is_listed_read_and_answered_once(console: Console) -> None:
    api, pupil, requests = Callers(console), console.people["pupil"], console.parts.protection.requests
    box = f"/schools/{console.school}/requests"
    made = requests.make(
        pupil, "correction", about=pupil, school_id=console.school, text="Құжатта басқаша",
        fields={"given_name": "Айым"},
    )  # fmt: skip
    office = api.of("data_protection")
    listed = office.get(f"{box}?state=open&limit=1", "SchoolRequests")
    assert (listed["total"], listed["waiting"], listed["late"]) == (1, 1, 0)
    [row] = listed["requests"]
    assert (row["id"], row["kind"], row["person"]["id"]) == (made, "correction", pupil)
    assert "text" not in row
    one = office.get(f"{box}/{made}", "SchoolRequest")
    assert (one["text"], one["fields"]) == ("Құжатта басқаша", {"given_name": "Айым"})
    wrongs: list[object] = [
        {}, [], {"act": "maybe"}, {"act": "do", "end_roles": "1"}, {"act": "do", "fields": {"iin": "1"}},
        {"act": "do", "text": 1}, {"act": "do", "more": ""},
    ]  # fmt: skip
    for wrong in wrongs:
        assert office.refused("POST", f"{box}/{made}/answer", wrong) == (400, "invalid"), wrong
    assert office.refused("POST", f"{box}/{made}/answer", {"act": "refuse"}) == (400, "reason_missing")
    weak = api.of("director", acr=levels.PASSWORD).ask("POST", f"{box}/{made}/answer", {"act": "do"})
    assert weak.status_code == 401
    assert f'acr_values="{levels.MFA}"' in weak.headers["WWW-Authenticate"]
    assert api.of("other_director").refused("GET", f"{box}/{made}") == (404, "not_found")
    done = office.post(f"{box}/{made}/answer", "SchoolRequest", {"act": "do", "text": "Түзетілді"})
    assert (done["state"], done["answer"], done["person"]["name"]) == ("done", "Түзетілді", "Серікова Айым Болатқызы")
    assert office.refused("POST", f"{box}/{made}/answer", {"act": "do"}) == (409, "request_closed")
    looks = [one.what for one in console.parts.my_access.of(pupil).looks]
    assert "requests" in looks

    # Of whom processing is blocked neither name nor words leave for another system.
    blocked = requests.make(pupil, "blocking", about=pupil, school_id=console.school, text="Бөгде адам оқыды")
    shown = office.post(f"{box}/{blocked}/answer", "SchoolRequest", {"act": "do", "text": "Бұғатталды"})
    assert (shown["state"], shown["restricted"], "text" in shown) == ("done", True, False)
    told = office.ask("GET", box).text + office.ask("GET", f"{box}/{made}").text
    assert not [word for word in ("Айым", "Бөгде", "Бұғатталды", "Түзетілді") if word in told]
