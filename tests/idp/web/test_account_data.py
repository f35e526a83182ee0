"""«Деректерімді кім көрді», for oneself and for a child."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from idp.core import levels
from idp.core.clock import FixedClock
from idp.parts import Parts
from idp.store import audit
from idp.store.models.people import Guardianship
from tests.factories.console import Console
from tests.factories.relying_party import RelyingParty


@pytest.fixture
def console(app: Flask, parts: Parts, clock: FixedClock) -> Console:
    return Console(app, parts, clock)


def test_a_pupil_sees_who_received_and_who_looked(console: Console) -> None:
    pupil = console.browser("pupil", acr=levels.PASSWORD)
    assert "Ешбір сервис дерек алған жоқ" in pupil.go("/account/data").text
    client = RelyingParty(console.parts.clients, console.app.test_client(), bilim_claims=["given_name"])
    client.userinfo(client.tokens(pupil)["access_token"])
    actor = console.parts.acting.actor(
        person_id=console.people["director"], membership_id=console.memberships["director"], acr=levels.MFA, amr=(),
        auth_time=console.clock.now(),
    )  # fmt: skip
    console.parts.viewing.saw(actor, console.people["pupil"], console.school, "facts")
    page = pupil.go("/account/data")
    assert page.status_code == 200
    for word in ("Оқулықтар", "Атамұра", "модулі", "Омарова Сәуле"):
        assert word in page.text, word
    copy = pupil.go("/account/data/copy")
    assert copy.get_json()["tables"]["people"]["rows"][0]["given_name"] == "Айгерім"
    assert "attachment" in copy.headers["Content-Disposition"]


def test_a_parent_sees_a_child_until_the_link_is_blocked(console: Console) -> None:
    child = console.people["pupil"]
    parent = console.browser("guardian")
    assert "Айгерім" in parent.go("/account/data").text
    assert parent.go(f"/account/data/{child}").status_code == 200
    assert parent.go(f"/account/data/{child}/copy").get_json()["person"] == child
    assert parent.go(f"/account/data/{console.people['other_pupil']}").status_code == 404
    with console.parts.uow.write() as tx:
        tx.connection.execute(
            update(Guardianship).where(Guardianship.child_id == child).values(blocked_at=console.clock.now())
        )
    assert parent.go(f"/account/data/{child}").status_code == 404
    assert parent.go(f"/account/data/{child}/copy").status_code == 404


def test_a_copy_asks_for_a_recent_sign_in(console: Console) -> None:
    page = console.browser("pupil", acr=levels.PASSWORD, age=timedelta(hours=1)).go("/account/data/copy")
    assert page.request.path != "/account/data/copy"
    with console.parts.uow.read() as tx:
        assert not audit.happened(tx, "data_copied", since=console.clock.now(), actor_id=console.people["pupil"])
