"""web/admin/consents: the list, the inbox of withdrawals, one answer with its proof."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from idp.core import levels
from idp.core.clock import FixedClock
from idp.parts import Parts
from tests.factories.consent_ground import ConsentGround


@pytest.fixture
def ground(parts: Parts, clock: FixedClock) -> ConsentGround:
    return ConsentGround(parts, clock)


def test_the_school_sees_who_has_answered_and_a_class_teacher_the_own_class(ground: ConsentGround, app: Flask) -> None:
    url = f"/admin/schools/{ground.school}/consents"
    director = ground.browser(app, "saule", levels.EDS)
    assert f"{url}/texts" in director.go(url).text  # Nothing is asked yet, and the way out is there.
    text_id = ground.publish()
    ground.give("gulnara", "nurlan", text_id)
    page = director.go(f"{url}?lang=ru").text
    assert [f"Серікова {name}" in page for name in ("Nurlan", "Aigerim", "Daulet")] == [True] * 3
    page = director.go(f"{url}?state=given").text
    assert ("Серікова Nurlan" in page, "Серікова Aigerim" in page) == (True, False)
    assert "Серікова Aigerim" in director.go(f"{url}?q=aigerim&class={ground.klass}&state=missing").text
    assert director.go(f"{url}?state=gossip").status_code == 200
    saved = director.client.get(f"{url}?format=csv")
    assert (saved.status_code, saved.data.decode("utf-8-sig").count("Серікова")) == (200, 3)
    page = ground.browser(app, "marat").go(url).text
    assert ("Серікова Aigerim" in page, "Серікова Nurlan" in page) == (True, False)
    record_id = ground.record("nurlan").id
    assert ground.browser(app, "marat").go(f"{url}/records/{record_id}").status_code == 404
    assert ground.browser(app, "daulet").go(url).status_code == 403
    assert director.go(f"/admin/schools/{ground.other}/consents/records/{record_id}").status_code == 404


def test_a_withdrawal_stands_in_the_inbox_with_its_clock_until_it_is_answered(
    ground: ConsentGround, app: Flask, clock: FixedClock
) -> None:
    url = f"/admin/schools/{ground.school}/consents"
    text_id = ground.publish()
    for child in ("nurlan", "aigerim"):
        record_id = ground.give("gulnara", child, text_id)
        ground.desk.withdrawals.withdraw(ground.hand("serik"), ground.people[child], record_id)
    clock.advance(days=7)
    director = ground.browser(app, "saule", levels.EDS)
    page = director.go(f"{url}/withdrawals?lang=ru").text
    assert page.count("Осталось 10 рабочих дней") == 2
    here = f"{url}/records/{ground.record('nurlan').id}"
    director.go(here)
    director.submit("/refuse", reason="нет")
    assert director.page.status_code == 422
    director.submit("/refuse", reason="Бала емтиханға тіркелген, заң бойынша деректер сақталады.")
    assert (director.page.status_code, ground.record("nurlan").state) == (200, "given")
    director.go(f"{url}/records/{ground.record('aigerim').id}")
    before = director.page
    director.submit("/stopped")
    assert ground.record("aigerim").state == "stopped"
    director.page = before
    assert director.submit("/refuse", reason="Бала емтиханға тіркелген, заң бойынша.").status_code == 422
    assert "Осталось" not in director.go(f"{url}/withdrawals").text
    assert director.client.get(f"{here}/proof.json").get_json()["seal"]["holds"]
    assert director.client.get(f"{here}/card.pdf").data.startswith(b"%PDF-")
    parent = ground.browser(app, "gulnara")
    assert "Бала емтиханға" in parent.go(
        f"/account/consents/{ground.people['nurlan']}/records/{ground.record('nurlan').id}"
    ).text  # fmt: skip
    assert ground.browser(app, "marat").go(f"{url}/withdrawals").status_code == 403


def test_after_the_fifteenth_day_only_stopping_is_left(ground: ConsentGround, app: Flask, clock: FixedClock) -> None:
    record_id = ground.give("gulnara", "nurlan", ground.publish())
    ground.desk.withdrawals.withdraw(ground.hand("gulnara"), ground.people["nurlan"], record_id)
    clock.advance(days=30)
    director = ground.browser(app, "saule", levels.EDS)
    assert "st-" in director.go(f"/admin/schools/{ground.school}/consents").text
    assert "clock-late" in director.go(f"/admin/schools/{ground.school}/consents/withdrawals").text
    page = director.go(f"/admin/schools/{ground.school}/consents/records/{record_id}").text
    assert ("consent-stopped" in page, "consent-refuse" in page) == (True, False)
    director.submit("/stopped")
    assert ground.events("data_consent_stopped")[0]["late"] is True
    assert clock.now() - ground.record("nurlan").given_at == timedelta(days=30)
