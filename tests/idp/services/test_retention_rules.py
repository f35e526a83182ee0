"""Each rule says what it takes out; together they reach every table that would grow for ever."""

from __future__ import annotations

from sqlalchemy import update

from idp.jobs.retention import Retention
from idp.services import feed_cursor
from idp.services.retention_rules import KEEP_CHANGES, RetentionReport, rules
from idp.store.data_map import TABLES
from idp.store.models.people import Person
from tests.factories.consent_ground import ConsentGround


def test_every_table_that_promises_retention_has_its_rule_and_the_other_way_round() -> None:
    promised = {table for table, facts in TABLES.items() if "(retention)" in facts.keep}
    assert promised == {rule.table for rule in rules(people_days=1)}


def test_changes_outlive_every_cursor_into_them() -> None:
    assert KEEP_CHANGES > feed_cursor.KEEP


def test_a_proof_stays_while_somebodys_claim_is_looked_into(consent_ground: ConsentGround) -> None:
    """Three years are over for two children; the data of one is blocked, and the quarrel is about the consent."""
    text_id, uow, clock = consent_ground.publish(), consent_ground.parts.uow, consent_ground.clock
    rule = [one for one in rules(people_days=10) if one.name == "consent_records"]
    for child in ("nurlan", "aigerim"):
        given = consent_ground.give("gulnara", child, text_id)
        consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people[child], given)
    with uow.write() as tx:
        blocked = update(Person).where(Person.id == consent_ground.people["nurlan"])
        tx.connection.execute(blocked.values(restricted_at=clock.now()))
    clock.advance(days=3 * 365 + 1)
    assert RetentionReport(uow, clock, rule).shown()[0].soon == 1
    assert Retention(uow, clock, rule)() == {"consent_records": 1}
    assert consent_ground.record("nurlan").state == "withdrawn"
    with uow.write() as tx:
        tx.connection.execute(blocked.values(restricted_at=None))
    assert Retention(uow, clock, rule)() == {"consent_records": 1}
