"""Every way to a child's things closes at one moment: by a block, and at midnight of the eighteenth birthday.

The same addresses are asked before and after, in the account, at /api/v1/me and by a client that comes back offline.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import guardianships
from idp.store.models.people import Guardianship, Person
from tests.factories.callers import Callers
from tests.factories.console import Console
from tests.factories.relying_party import RelyingParty, claims_of
from tests.fakes.browser import Browser

MIDNIGHT = datetime(2026, 9, 14, 19, 0, tzinfo=UTC)
LEAP = datetime(2026, 2, 27, 19, 0, tzinfo=UTC)
"""Midnight in Kazakhstan, of any day and of the one that stands for 29 February in other years."""


@pytest.mark.parametrize(("born", "at"), [(None, MIDNIGHT), (date(2008, 2, 29), LEAP)])
def test_every_way_to_the_child_closes_at_once(
    app: Flask, parts: Parts, clock: FixedClock, born: date | None, at: datetime
) -> None:
    clock.moment = at
    clock.advance(seconds=-1)
    console = Console(app, parts, clock)
    people, pupil = console.people, console.people["pupil"]
    with parts.uow.write() as tx:
        tx.connection.execute(update(Person).where(Person.id == pupil).values(birth_date=born or date(2013, 5, 17)))
        guardianships.set_of_age(tx, [pupil])
        link = tx.connection.execute(select(Guardianship.id)).scalar_one()
    scope = "openid children offline_access"
    shop = RelyingParty(parts.clients, app.test_client(), "shop", scope=scope, bilim_claims=["children", "name"])
    guardian, own = console.browser("guardian"), Callers(console).of("guardian")
    tokens = shop.tokens(guardian, scope=scope)
    sub = own.get("/me/children", "Children")["children"][0]["sub"]
    made = parts.protection.requests.make(
        people["guardian"], "blocking", about=pupil, school_id=console.school, text="Басқа біреу оқыған"
    )
    pages = [f"/account/consents/{pupil}", f"/account/data/{pupil}", f"/account/data/{pupil}/copy",
             f"/account/children/{link}/disown", f"/account/requests/{made}"]  # fmt: skip
    lists = ["/account", "/account/children", "/account/consents", "/account/data", "/account/data/copy",
             "/account/requests", "/account/requests/new/access"]  # fmt: skip
    api = ["", "/consents", "/cards", "/access", "/data"]

    def seen() -> tuple[set[int], list[str], set[int], bool]:
        return (
            {guardian.go(page).status_code for page in pages},
            [page for page in lists if _names(guardian, page, ("Айгерім", "7 «Ә»"))],
            {own.ask("GET", f"/me/children/{sub}{one}").status_code for one in api},
            "children" in shop.userinfo(tokens["access_token"]).get_json(),
        )

    before = seen()
    assert (before[0], before[2], before[3]) == ({200}, {200}, True)
    assert {"/account/children", "/account/data", "/account/requests"} <= set(before[1])
    if born is None:
        director = console.browser("director")
        director.go(f"/admin/schools/{console.school}/guardians/{link}/block")
        director.submit("/block", basis="court", reason="Сот шешімі № 2-114")
    else:
        clock.advance(seconds=1)
    assert seen() == ({404}, [], {404}, False)
    guardian.go("/account")
    sent = {"csrf_token": _token(guardian), "person": pupil}
    for act in ("/account/card/block", f"/account/requests/{made}/take-back"):
        assert guardian.client.post(act, data=sent).status_code == 404, act
    assert own.refused("POST", f"/me/children/{sub}/cards/block") == (404, "not_found")
    fresh = shop.refresh(tokens["refresh_token"]).get_json()
    assert "children" not in shop.userinfo(fresh["access_token"]).get_json()
    assert "children" not in claims_of(fresh["id_token"])
    told = shop.post("/oauth/introspect", token=fresh["access_token"]).get_json()
    assert (told["active"], "children" in told) == (True, False)


def _names(browser: Browser, page: str, words: tuple[str, ...]) -> bool:
    text = browser.go(page).text
    return any(word in text for word in words)


def _token(browser: Browser) -> str:
    return browser.page.text.split('name="csrf_token" value="')[1].split('"')[0]
