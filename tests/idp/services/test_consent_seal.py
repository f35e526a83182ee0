"""services/consent_seal: any edit behind our back is found, and stays found."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from idp.core.clock import FixedClock
from idp.store import consent_records
from idp.store.models.consents import ConsentRecord
from idp.store.models.people import Person
from tests.factories.consent_ground import ConsentGround

EDITS: list[dict[str, Any]] = [
    {"purpose": "photo"},
    {"answer": "declined"},
    {"channel": "eds"},
    {"language": "ru"},
    {"relation": "self"},
    {"expires_on": date(2040, 1, 1)},
    {"proof": {"person": "x"}},
    {"refusal": "Заң бойынша болмайды"},
    {"stop_by": date(2027, 1, 1)},
    {"seal": b"\x00" * 32},
]


def edit(ground: ConsentGround, record_id: str, values: dict[str, Any]) -> None:
    """What somebody with the database, but without the keys, could do."""
    where = (ConsentRecord.id == record_id, ConsentRecord.person_id == ground.people["nurlan"])
    with ground.parts.uow.write() as tx:
        tx.connection.execute(update(ConsentRecord).where(*where).values(**values))


def test_every_edit_is_found_and_no_lawful_act_hides_it(consent_ground: ConsentGround, clock: FixedClock) -> None:
    seals, record_id = consent_ground.desk.seals, consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    whole = consent_ground.record("nurlan")
    assert seals.holds(whole)
    moments = [{name: clock.now() - timedelta(1)} for name in ("given_at", "acknowledged_at", "withdrawn_at")]
    for values in [*EDITS, *moments]:
        edit(consent_ground, record_id, values)
        assert not seals.holds(consent_ground.record("nurlan")), values
        edit(consent_ground, record_id, {name: getattr(whole, name) for name in values})
    assert seals.holds(consent_ground.record("nurlan"))
    edit(consent_ground, record_id, {"given_at": clock.now() - timedelta(days=30)})
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    withdrawn = consent_ground.record("nurlan")
    assert (withdrawn.state, seals.holds(withdrawn)) == ("withdrawn", False)


def test_each_lawful_act_seals_anew(consent_ground: ConsentGround) -> None:
    seals, record_id = consent_ground.desk.seals, consent_ground.give("gulnara", "daulet", consent_ground.publish())
    consent_ground.desk.acts.acknowledge(consent_ground.hand("daulet"), record_id)
    assert seals.holds(consent_ground.record("daulet"))
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people["daulet"], record_id)
    assert seals.holds(consent_ground.record("daulet"))
    consent_ground.desk.answers.confirm_stopped(consent_ground.people["saule"], consent_ground.school, record_id)
    assert seals.holds(consent_ground.record("daulet"))


@pytest.mark.parametrize("is_merged", [True, False])
def test_records_of_people_found_to_be_one_still_hold(consent_ground: ConsentGround, is_merged: bool) -> None:
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    people = consent_ground.people
    with consent_ground.parts.uow.write() as tx:
        if is_merged:
            merge = update(Person).where(Person.id == people["gulnara"]).values(merged_into_id=people["stranger"])
            tx.connection.execute(merge)
        where = (ConsentRecord.id == record_id, ConsentRecord.person_id == people["nurlan"])
        tx.connection.execute(update(ConsentRecord).where(*where).values(signer_id=people["stranger"]))
        merged = consent_records.merged_into(tx, [people["gulnara"], people["nurlan"]])
    row = consent_ground.record("nurlan")
    assert consent_ground.desk.seals.holds(row, merged) is is_merged
    assert not consent_ground.desk.seals.holds(row)
