"""store/consent_people: links and roles as they are now."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from idp.core.clock import FixedClock, local_date
from idp.store import consent_people
from tests.factories.consent_ground import consent_ground


def test_a_link_counts_while_it_holds(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> None:
    with consent_ground(sqlite_url, tmp_path, clock) as ground, ground.parts.uow.read() as tx:
        people, today = ground.people, local_date(clock.now())
        for guardian, relation in (("gulnara", "parent"), ("blocked", ""), ("stranger", "")):
            assert consent_people.relation(tx, people[guardian], people["daulet"], today=today) == relation
        of_age = date(2026, 9, 15)
        before = of_age - timedelta(1)
        seen = [consent_people.relation(tx, people["serik"], people["daulet"], today=day) for day in (before, of_age)]
        assert seen == ["parent", ""]
        linked = consent_people.guardians(tx, people["daulet"], today=today)
        assert [(one["name"], one["is_blocked"]) for one in linked] == [
            ("Серікова Blocked", True),
            ("Серікова Gulnara", False),
            ("Серікова Serik", False),
        ]
        assert consent_people.memberships(tx, people["marat"], today=today) == [(ground.school, "class_teacher", None)]
        assert consent_people.memberships(tx, people["gulnara"], today=today) == []
        assert consent_people.subject(tx, "0" * 32) is None
        assert consent_people.iin_sealed(tx, people["gulnara"]) is None
