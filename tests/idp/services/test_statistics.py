"""Numbers about many, and about nobody."""

from __future__ import annotations

from sqlalchemy import update

from idp.core.clock import local_date
from idp.core.scope import Scope
from idp.services.statistics import DAYS
from idp.store import audit
from idp.store.models.people import Membership, SchoolClass
from tests.factories.consent_ground import ConsentGround
from tests.factories.console import Console, add_class, add_enrolment


def test_a_school_counts_its_own_and_an_authority_is_not_told_small_groups(console: Console) -> None:
    with console.parts.uow.write() as tx:
        tx.connection.execute(
            update(SchoolClass).where(SchoolClass.id == console.klass).values(language="kk", shift="1")
        )
        big = add_class(tx, console.school, "8 «А»", grade="8", language="ru", shift="2")
        for number in range(5):
            pupil = console.add(tx, f"pupil{number}", "pupil", console.school)
            add_enrolment(tx, console.school, big, pupil, "pupil")
        for method in ("password", "password", "passkey"):
            audit.record(
                tx, event="login", now=console.clock.now(), person_id=console.people["pupil"], data={"method": method}
            )
        audit.record(
            tx, event="login", now=console.clock.now(), person_id=console.people["other_pupil"],
            data={"method": "password"},
        )  # fmt: skip
    statistics, own = console.parts.protection.statistics, Scope("", "director", (console.school,))
    counted = {one.name: {row.key: row.count for row in one.rows} for one in statistics.tables(own, anonymised=False)}
    assert counted["grades"] == {"7": 6}
    assert counted["languages"] == {"kk": 1, "ru": 5}
    assert counted["shifts"] == {"1": 1, "2": 5}
    assert counted["guardians"] == {"0": 5, "1": 1}
    assert "pupil" not in counted["staff"]
    assert counted["methods"] == {"passkey": 1, "password": 2}
    assert list(counted["days"].values()) == [0] * (DAYS - 1) + [3]
    told = {one.name: {row.key: row.count for row in one.rows} for one in statistics.tables(own, anonymised=True)}
    assert told["languages"] == {"kk": None, "ru": 5}
    assert told["days"]["2026-08-20"] == 0
    # Six pupils less five who learn in Russian is one: no sum of any table gives the small group away.
    assert told["grades"] == {"7": 5}
    assert all(count is None or count % 5 == 0 for table in told.values() for count in table.values())


def test_a_consent_of_who_has_left_is_not_counted(consent_ground: ConsentGround) -> None:
    """Left an hour ago, and no job has run: it holds no longer, so it is in no number either."""
    consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    statistics = consent_ground.parts.protection.statistics

    def counted() -> list[int | None]:
        tables = {one.name: one.rows for one in statistics.tables(consent_ground.scope, anonymised=False)}
        return [row.count for row in tables["consents"]]

    assert counted() == [1]
    with consent_ground.parts.uow.write() as tx:
        leaves = update(Membership).where(Membership.person_id == consent_ground.people["nurlan"])
        tx.connection.execute(leaves.values(end=local_date(consent_ground.clock.now())))
    assert counted() == []
