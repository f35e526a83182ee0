"""Who received and who looked, gathered for the person."""

from __future__ import annotations

from typing import Any

from idp.services.audit_log import OUTSIDE
from idp.store import audit
from tests.factories.console import Console


def test_services_and_people_of_the_school_are_named(console: Console) -> None:
    people = console.people
    pupil = people["pupil"]
    console.parts.clients.add(
        {
            "client_id": "textbooks", "client_secret": "a-secret-of-the-tests-long-enough", "client_name": "Оқулықтар",
            "redirect_uris": ["https://textbooks.example/callback"], "bilim_owner": "Атамұра",
        }
    )  # fmt: skip

    def write(event: str, **more: Any) -> None:
        with console.parts.uow.write() as tx:
            audit.record(tx, event=event, now=console.clock.now(), **more)

    trace = {"claims": ["sub", "acr"], "basis": "consent"}
    write("tokens_issued", person_id=pupil, client_id="textbooks", data=trace)
    console.clock.advance(minutes=1)
    write("claims_released", person_id=pupil, client_id="textbooks", data={"claims": ["name"], "basis": "consent"})
    write("claims_released", person_id=people["guardian"], client_id="textbooks", data={"claims": ["email"]})
    write("feed_read", client_id="textbooks", school_id=console.school, data={"kind": "people", "rows": 9})
    write("feed_read", client_id="textbooks", school_id=console.other, data={"kind": "cards", "rows": 9})
    for who, what in (("director", "facts"), ("operator", "cards"), ("pupil", "facts")):
        write("person_viewed", actor_id=people[who], person_id=pupil, school_id=console.school,
              data={"what": what, "role": who})  # fmt: skip
    write(
        "iin_shown", actor_id=people["secretary"], person_id=pupil, school_id=console.school, data={"role": "secretary"}
    )
    seen = console.parts.my_access.of(pupil)
    [release] = seen.releases
    assert (release.name, release.owner, release.times, release.basis) == ("Оқулықтар", "Атамұра", 3, "consent")
    assert (release.claims, release.kinds, release.last) == (["name"], ["people"], console.clock.now())
    assert {(look.name, look.what) for look in seen.looks} == {
        ("Омарова Сәуле", "facts"), (OUTSIDE, "cards"), ("Өтегенова Гауһар Маратқызы", "iin"),
    }  # fmt: skip
    console.clock.advance(days=400)
    assert console.parts.my_access.of(pupil).releases == []
