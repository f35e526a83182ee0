"""The school decides about links, each role within its reach."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from idp.core import levels
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Guardianship
from tests.factories.console import Console, add_guardianship


def _url(console: Console, end: str = "") -> str:
    return f"/admin/schools/{console.school}/guardians{end}"


@pytest.fixture
def waiting(console: Console) -> str:
    with console.parts.uow.write() as tx:
        console.add(tx, "aunt", "guardian", console.school, given_name="Әсем", family_name="Ниязова")
        return add_guardianship(
            tx, console.school, console.people["pupil"], console.people["aunt"], verified_at=None, verified_by="",
            evidence={"channel": "code"},
        )  # fmt: skip


def _state(console: Console, link: str) -> str:
    with console.parts.uow.read() as tx:
        row = tx.session.get(Guardianship, link)
        assert row is not None
        return f"{'verified' if row.verified_at else 'waiting'} {row.end_reason}".strip()


def test_a_class_teacher_confirms_once_and_only_for_the_own_class(console: Console, waiting: str) -> None:
    browser = console.browser("class_teacher")
    assert f'href="{_url(console)}"><b>1</b>' in browser.go(f"/admin/schools/{console.school}").text
    page = browser.go(_url(console))
    assert page.text.index("Ниязова") < page.text.index("Гүлнара"), "those that wait come first"
    browser.go(_url(console, f"/{waiting}"))
    before = browser.page
    browser.submit("/confirm", relation="trustee", basis="Шешім № 5")
    assert _state(console, waiting) == "verified"
    browser.page = before
    assert 'role="status"' in browser.submit("/refuse").text, "pressed again: the page shows what is so"
    assert _state(console, waiting) == "verified"
    with console.parts.uow.write() as tx:
        console.add(tx, "stranger", "pupil", console.school)
        other = add_guardianship(tx, console.school, console.people["stranger"], console.people["guardian"])
    assert browser.go(_url(console, f"/{other}")).status_code == 404
    assert console.browser("other_director").go(_url(console, f"/{waiting}")).status_code == 404
    assert console.browser("director").go(f"/admin/schools/{console.other}/guardians/{waiting}").status_code == 404


def test_a_block_asks_for_a_strong_sign_in_a_ground_and_a_reason(console: Console) -> None:
    with console.parts.uow.read() as tx:
        link = tx.connection.execute(select(Guardianship.id)).scalar_one()
    weak = console.browser("director", acr=levels.PASSWORD)
    assert weak.client.get(_url(console, f"/{link}/block")).status_code == 303
    old = console.browser("director", age=timedelta(minutes=16))
    assert old.client.get(_url(console, f"/{link}/block")).status_code == 303
    assert console.browser("secretary").go(_url(console, f"/{link}/block")).status_code == 403
    browser = console.browser("director")
    browser.go(_url(console, f"/{link}/block"))
    assert browser.submit("/block", basis="court", reason=" ").status_code == 422
    assert browser.submit("/block", basis="envy", reason="сот шешімі").status_code == 422
    page = browser.submit("/block", basis="court", reason="Сот шешімі № 7, 01.09.2026")
    assert "№ 7" in page.text
    assert console.parts.guardians.children(console.people["guardian"]) == []
    browser.go(_url(console, f"/{link}/unblock"))
    page = browser.submit("/unblock", reason="Шешім күшін жойды")
    assert "Шешім күшін жойды" in page.text
    assert len(console.parts.guardians.children(console.people["guardian"])) == 1


def test_a_mistake_is_ended_with_a_reason_that_stays(console: Console) -> None:
    with console.parts.uow.read() as tx:
        link = tx.connection.execute(select(Guardianship.id)).scalar_one()
    browser = console.browser("secretary")
    browser.go(_url(console, f"/{link}/end"))
    assert browser.submit("/end", reason="").status_code == 422
    assert "басқа адам" in browser.submit("/end", reason="Бұл басқа адам").text
    assert _state(console, link) == "verified mistake"
    assert console.parts.guardians.children(console.people["guardian"]) == []
    assert browser.go(_url(console, "?state=ended&q=серикова")).text.count("Айгерім") == 1


def test_who_looks_at_a_link_is_written_down(console: Console, waiting: str) -> None:
    console.browser("secretary").go(_url(console, f"/{waiting}"))
    with console.parts.uow.read() as tx:
        seen = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "person_viewed")).all()
    assert [(one.actor_id, one.person_id) for one in seen] == [(console.people["secretary"], console.people["pupil"])]


def test_a_link_of_a_grown_up_pupil_says_that_it_is_paused(console: Console) -> None:
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Guardianship).values(of_age_on=console.clock.now().date()))
        link = tx.connection.execute(select(Guardianship.id)).scalar_one()
    assert "кәмелетке толды" in console.browser("secretary").go(_url(console, f"/{link}")).text
