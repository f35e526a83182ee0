"""store/consent_records: the state that a list shows and the condition that a module asks are one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import update

from idp.core.clock import FixedClock, local_date
from idp.core.ids import new_id
from idp.store import consent_records
from idp.store.models.people import Person
from tests.factories.consent_ground import consent_ground


def test_a_record_holds_exactly_when_its_state_says_so(database_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(database_url, tmp_path, clock) as ground:
        record_id = ground.give("gulnara", "nurlan", ground.publish())
        today, now = local_date(clock.now()), clock.now()
        row = ground.record("nurlan", record_id)
        cases: list[tuple[dict[str, Any], str]] = [
            ({}, "given"),
            ({"answer": "declined"}, "declined"),
            ({"expires_on": today}, "expired"),
            ({"expires_on": today + timedelta(1)}, "given"),
            ({"withdrawn_at": now}, "withdrawn"),
            ({"withdrawn_at": now, "stopped_at": now}, "stopped"),
            ({"withdrawn_at": now, "refusal": "Себебі"}, "given"),
            ({"withdrawn_at": now, "refusal": "Себебі", "expires_on": today}, "expired"),
            ({"withdrawn_at": now, "expires_on": today}, "withdrawn"),
        ]
        names = [name for name in row._fields if name not in ("version", "text_sha256", "title", "state")]
        for values, state in cases:
            ground_row = {name: getattr(row, name) for name in names} | {"expires_on": None} | values
            with ground.parts.uow.write() as tx:
                made = new_id()
                person = {"id": made, "person_id": ground.people["daulet"], "purpose": f"p{made}"[:20]}
                consent_records.add(tx, ground.scope, ground_row | person)
                (found,) = consent_records.of_person(tx, ground.people["daulet"], today=today, record_id=made)
                is_held = consent_records.is_held(tx, ground.people["daulet"], person["purpose"], "", today=today)
                many = consent_records.held_by(
                    tx, ground.scope, [ground.people["daulet"]], person["purpose"], "", today=today
                )
            assert (found.state, is_held, bool(many)) == (state, state == "given", state == "given"), values
        nurlan = ground.people["nurlan"]
        with ground.parts.uow.write() as tx:
            # While the processing of the data is blocked no consent lets anybody use them; it holds none the less.
            tx.connection.execute(update(Person).where(Person.id == nurlan).values(restricted_at=now))
            assert consent_records.of_person(tx, nurlan, today=today)[0].state == "given"
            assert not consent_records.is_held(tx, nurlan, "visits", "", today=today)
            assert consent_records.held_by(tx, ground.scope, [nurlan], "visits", "", today=today) == set()
        foreign = replace(ground.scope, schools=(ground.other,))
        with ground.parts.uow.read() as tx:
            assert consent_records.in_schools(tx, foreign, [record_id], today=today) == []
            assert consent_records.schools_with(tx) == [ground.school]
            assert not consent_records.is_held(
                tx, ground.people["nurlan"], "visits", "", school_id=ground.other, today=today
            )
            assert len(consent_records.withdrawn(tx, ground.scope, today=today)) == 2
