"""What one person's rows say, and what a scope leaves out; the pages' words are tested in services."""

from __future__ import annotations

from datetime import timedelta

from idp.core.clock import FixedClock
from idp.services import scope as scopes
from idp.store import audit, audit_log
from idp.store.audit_log import Wanted
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school


def test_events_are_read_by_scope_and_by_person(uow: UnitOfWork, clock: FixedClock) -> None:
    now = clock.now()
    with uow.write() as tx:
        school, person = add_school(tx), add_person(tx, "aigerim", family_name="Оспанова", search_key="оспанова")
        add_membership(tx, person, school, "pupil")
        for event, where in (("card_issued", school), ("login", ""), ("card_issued", "elsewhere")):
            audit.record(tx, event=event, now=now, person_id=person, school_id=where)
        audit.record(tx, event="feed_read", now=now, client_id="canteen", school_id=school, data={"kind": "people"})
        scope, wanted = scopes.of_operator((school,)), Wanted(now - timedelta(days=1), now + timedelta(days=1))
        director = scopes.of_actor(person, "director", (school,))
        assert audit_log.number(tx, director, wanted) == 2
        assert audit_log.number(tx, scope, wanted) == 3
        about = Wanted(wanted.begin, wanted.end, about=person)
        assert {row.event for row in audit_log.page(tx, director, about, offset=0, limit=9)} == {"card_issued", "login"}
        assert len(audit_log.about(tx, person, ["card_issued"], since=now, limit=9)) == 2
        assert [(use.client_id, use.kind, use.times) for use in audit_log.feed_uses(tx, person, since=now)] == [
            ("canteen", "people", 1)
        ]
        assert audit_log.namesakes(tx, director, "Оспан") == [person]
        assert audit_log.namesakes(tx, director, "100%") == []
        assert audit_log.names(tx, director, [person, "x"]) == {person: "Оспанова"}
        assert audit_log.staff_names(tx, person, [person]) == {person: "Оспанова"}
        assert audit_log.school_names(tx, [school]).keys() == {school}
        assert audit_log.client_metadata(tx, ["nobody"]) == {}
