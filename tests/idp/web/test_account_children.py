"""My children, in the account: a code from paper, a press too many, and who may not touch what."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select, update

from idp.core.clock import FixedClock
from idp.core.scope import Scope
from idp.parts import Parts
from idp.store.models.people import Guardianship
from tests.factories.console import Console, add_guardianship
from tests.fakes.browser import Browser


@pytest.fixture
def console(app: Flask, parts: Parts, clock: FixedClock) -> Console:
    return Console(app, parts, clock)


def _code(console: Console) -> str:
    scope = Scope(console.people["director"], "director", (console.school,))
    (slip,) = console.parts.guardian_codes.make(scope, console.school, console.klass).slips
    return slip.code


def test_a_parent_types_the_code_and_waits(console: Console) -> None:
    browser = console.browser("nurse")  # A member of staff who is a parent too.
    assert "/account/children/add" in browser.go("/account/children").text
    browser.go("/account/children/add")
    wrong = browser.submit("/add", code="KVTZ-4M7Q-HD", born="2013-05-17", relation="parent")
    assert wrong.status_code == 422
    assert 'value="KVTZ-4M7Q-HD"' in wrong.text
    page = browser.submit("/add", code=_code(console), born="2013-05-17", relation="parent")
    assert page.request.path == "/account/children"
    assert "Айгерім С." in page.text
    assert "Серікова" not in page.text, "nothing more is shown before the school confirms"
    browser.go("/account/children/add")
    for _ in range(6):
        late = browser.submit("/add", code="KVTZ-4M7Q-HD", born="2013-05-17", relation="parent")
    assert late.status_code == 429


def test_nobody_there_signs_in_first_and_comes_back(console: Console) -> None:
    assert Browser(console.app.test_client()).go("/account/children/add").request.path.startswith("/login")
    csrf = console.browser("guardian")
    assert csrf.client.post("/account/children/add", data={"code": "x"}).status_code == 400


def test_not_my_child_takes_one_confirmed_press_and_touches_nobody_else(console: Console) -> None:
    with console.parts.uow.write() as tx:
        console.add(tx, "father", "guardian", console.school, given_name="Болат")
        other = add_guardianship(tx, console.school, console.people["pupil"], console.people["father"])
        own = tx.connection.execute(
            select(Guardianship.id).where(Guardianship.guardian_id == console.people["guardian"])
        ).scalar_one()
    browser = console.browser("guardian")
    assert "Айгерім" in browser.go("/account/children").text
    assert browser.go(f"/account/children/{other}/disown").status_code == 404
    browser.go(f"/account/children/{own}/disown")
    asked = browser.page
    assert "Айгерім" not in browser.submit("/disown").text
    browser.page = asked
    assert browser.submit("/disown").status_code == 404
    assert len(console.parts.guardians.children(console.people["father"])) == 1
    writes = [rule for rule in console.app.url_map.iter_rules() if rule.endpoint.startswith("account_children.")]
    assert {rule.rule for rule in writes if "POST" in (rule.methods or ())} == {
        "/account/children/add", "/account/children/<link_id>/disown", "/account/children/guardians/<link_id>",
    }, "no route by which one guardian changes the link of another"  # fmt: skip


def test_a_pupil_sees_who_may_act_and_decides_at_eighteen(console: Console) -> None:
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Guardianship).values(of_age_on=date(2026, 9, 2)))
    assert "Гүлнара" in console.browser("pupil").go("/account/children").text
    console.clock.advance(days=1)
    assert "Айгерім" not in console.browser("guardian").go("/account/children").text
    browser = console.browser("pupil")
    assert "/account/children/guardians/" in browser.go("/account").text, "asked on the first page"
    browser.go("/account/children")
    asked = browser.page
    assert browser.submit("/account/children/guardians/", answer="maybe").status_code == 400
    browser.page = asked
    assert "Гүлнара" in browser.submit("/account/children/guardians/", answer="keep").text
    browser.page = asked
    assert browser.submit("/account/children/guardians/", answer="stop").status_code == 404
    assert "Айгерім" in console.browser("guardian").go("/account/children").text
