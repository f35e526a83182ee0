"""services/consent_reading: what each reader sees, and no more."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from idp.core.errors import NotFound
from idp.services.listing import Asked
from idp.store.models.calendar import CalendarDay
from tests.factories.consent_ground import ConsentGround, contents


def test_a_guardian_sees_every_child_and_what_is_left_to_do(consent_ground: ConsentGround) -> None:
    reading, people = consent_ground.desk.reading, consent_ground.people
    text_id = consent_ground.publish()
    consent_ground.publish("photo", contents=contents(audience="staff"))
    consent_ground.give("gulnara", "daulet", text_id)
    seen = reading.everybody(people["gulnara"])
    assert [(about.name, about.waiting) for about in seen] == [
        ("Серікова Aigerim", 1),
        ("Серікова Daulet", 0),
        ("Серікова Nurlan", 1),
    ]
    assert reading.waiting(people["gulnara"]) == 2
    assert [(item.state, item.may) for item in seen[1].items] == [("given", "sign")]
    own = reading.everybody(people["daulet"])
    assert [(item.may, item.is_waiting) for item in own[0].items] == [("acknowledge", True)]
    assert [item.may for item in reading.everybody(people["nurlan"])[0].items] == ["read"]
    assert [item.text.purpose for item in reading.everybody(people["marat"])[0].items] == ["photo"]
    assert reading.everybody(people["blocked"]) == []
    for reader in ("blocked", "stranger", "marat"):
        with pytest.raises(NotFound):
            reading.about(people[reader], people["nurlan"])
    with pytest.raises(NotFound):
        reading.item(people["gulnara"], people["nurlan"], "0" * 32)


def test_the_school_reads_within_its_scope(consent_ground: ConsentGround) -> None:
    reading, people, scope = consent_ground.desk.reading, consent_ground.people, consent_ground.scope
    text_id = consent_ground.publish()
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    shown = reading.of_school(scope, consent_ground.school, record_id)
    assert (shown.is_whole, shown.signer_name) == (True, "Серікова Gulnara")
    assert hashlib.sha256(shown.document.encode()).hexdigest() == shown.record.proof["sha256"]
    assert "28.06.2027" in shown.document  # The day until which it holds is part of what was read.
    assert shown.as_json()["record"]["given_at"] == "2026-09-01T03:00:00.000000+00:00"
    foreign = replace(scope, schools=(consent_ground.other,))
    for outside in (consent_ground.class_scope(), foreign):
        with pytest.raises(NotFound):
            reading.of_school(outside, consent_ground.school, record_id)
        with pytest.raises(NotFound):
            reading.person(outside, consent_ground.school, people["nurlan"])
    items, rows = reading.person(scope, consent_ground.school, people["nurlan"])
    assert ([item.state for item in items], [row.id for row in rows]) == (["given"], [record_id])
    assert [one["holds"] for one in reading.guardians(scope, people["nurlan"])] == [False, True, True]
    text = consent_ground.desk.texts.all(scope)[0]
    found = reading.listing(scope, text, Asked(per_page=2))
    assert (len(found.rows), found.total) == (2, 3)
    assert reading.listing(scope, text, Asked(per_page=2, page=9)).total == 3
    assert [row.name for row in reading.export(consent_ground.class_scope(), text, Asked())] == [
        "Серікова Aigerim",
        "Серікова Daulet",
    ]
    assert [reading.is_adult(people[name], consent_ground.school) for name in ("nurlan", "saule", "gulnara")] == [
        False,
        True,
        False,
    ]


def test_the_inbox_counts_working_days(consent_ground: ConsentGround) -> None:
    reading, clock = consent_ground.desk.reading, consent_ground.clock
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    assert [one.days_left for one in reading.withdrawals(consent_ground.scope)] == [15]
    assert reading.withdrawals(consent_ground.class_scope()) == []
    clock.moment = datetime(2026, 9, 22, 6, tzinfo=UTC)
    assert [one.days_left for one in reading.withdrawals(consent_ground.scope)] == [0]
    with consent_ground.parts.uow.write() as tx:
        tx.session.add(
            CalendarDay(id="d" * 32, kind="holiday", title="Мереке", begin=date(2026, 9, 23), end=date(2026, 9, 23))
        )
    clock.advance(days=1)  # A day off after the last one is late as well.
    assert [(one.name, one.days_left) for one in reading.withdrawals(consent_ground.scope)] == [("Серікова Nurlan", -1)]
    assert reading.count_withdrawals(consent_ground.scope) == (1, 1)
