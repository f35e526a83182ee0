"""jobs/retention: what is over goes, what lives or is held stays, and runs that found something are written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import insert, select, update

from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.jobs.retention import Retention
from idp.services.retention_rules import RetentionReport, rules
from idp.store import grants, one_time, phone_errands
from idp.store.models.audit import Change
from idp.store.models.people import Membership, Person, Photo
from idp.store.models.subject_requests import RetentionRun, SubjectRequest
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school

RULES = rules(people_days=10)


def test_everything_due_goes_in_as_many_batches_as_it_takes(uow: UnitOfWork, clock: FixedClock) -> None:
    small = [replace(rule, batch=2) for rule in RULES]
    with uow.write() as tx:
        for number in range(5):
            grants.revoke_token(tx, str(number), expires_at=clock.now())
        grants.revoke_token(tx, "living", expires_at=clock.now() + timedelta(minutes=5))
        for name, ttl in (("old", 1), ("new", 100)):
            one_time.put(tx, name, purpose="interaction", data={}, now=clock.now(), ttl=timedelta(seconds=ttl))
    clock.advance(seconds=2)
    gone = Retention(uow, clock, small)()
    assert (gone["revoked_tokens"], gone["one_time_values"], gone["grants"]) == (5, 1, 0)
    assert sum(Retention(uow, clock, small)().values()) == 0


def test_an_errand_of_a_phone_goes_with_what_it_brought(uow: UnitOfWork, clock: FixedClock) -> None:
    row = {"purpose": "login", "browser": "b", "request_id": None, "document": b"text", "token_hash": "t"}
    with uow.write() as tx:
        for name, seconds in (("old", 1), ("new", 100)):
            ends = clock.now() + timedelta(seconds=seconds)
            phone_errands.add(tx, name, {**row, "created_at": clock.now(), "expires_at": ends})
    clock.advance(seconds=2)
    assert Retention(uow, clock, RULES)()["phone_errands"] == 1
    with uow.read() as tx:
        assert phone_errands.find(tx, "new") is not None


def test_who_left_long_ago_is_emptied_unless_something_holds(uow: UnitOfWork, clock: FixedClock) -> None:
    """Each of the others has one reason to stay: a role, a blocked record, a request that waits, too short a time."""
    before = clock.now() - timedelta(days=11)
    with uow.write() as tx:
        school = add_school(tx)
        left = {"status": "ended", "updated_at": before, "given_name": "Айгерім"}
        gone = add_person(tx, "gone", **left)
        working = add_person(tx, "working", **left)
        add_membership(tx, working, school, "teacher")
        add_membership(tx, gone, school, end=before.date())
        add_person(tx, "blocked", **{**left, "restricted_at": clock.now()})
        asking = add_person(tx, "asking", **left)
        request = {
            "id": new_id(), "school_id": school, "kind": "access", "person_id": asking, "requester_id": asking,
            "text": "", "made_at": clock.now(), "due_on": clock.now().date(),
        }  # fmt: skip
        tx.connection.execute(insert(SubjectRequest), request)
        add_person(tx, "recent", **{**left, "updated_at": clock.now()})
        photo = {"image": b"", "sha256": "", "updated_at": before, "updated_by": ""}
        tx.connection.execute(insert(Photo), {"person_id": gone, **photo})
    report = RetentionReport(uow, clock, RULES)
    assert {one.name: one.soon for one in report.shown()}["people"] == 2
    assert Retention(uow, clock, RULES)()["people"] == 1
    with uow.read() as tx:
        names = dict(tx.connection.execute(select(Person.username, Person.given_name)).all())
        kept = tx.connection.execute(select(Membership.id).where(Membership.person_id == gone)).all()
        photos = tx.connection.execute(select(Photo.person_id)).all()
        told = tx.connection.execute(select(Change.record_id).where(Change.kind == "people")).scalars().all()
    assert names == {
        f"erased-{gone}": "", "working": "Айгерім", "blocked": "Айгерім", "asking": "Айгерім", "recent": "Айгерім",
    }  # fmt: skip
    assert (len(kept), photos, told) == (1, [], [gone])
    shown = {one.name: one for one in report.shown()}["people"]
    assert (shown.last_rows, shown.last_at, report.runs()) == (1, clock.now(), [("people", clock.now(), 1)])


def test_the_log_of_changes_is_cut_at_its_beginning_only(uow: UnitOfWork, clock: FixedClock) -> None:
    rule = [one for one in RULES if one.name == "changes"]
    row = {"kind": "people", "school_id": "s", "record_id": "r", "action": "changed"}
    with uow.write() as tx:
        for days in (100, 90, 1):
            tx.connection.execute(insert(Change), {**row, "at": clock.now() - timedelta(days=days)})
    assert Retention(uow, clock, rule)() == {"changes": 2}
    with uow.write() as tx:
        tx.connection.execute(update(Change).values(at=clock.now() - timedelta(days=99)))
        assert len(tx.connection.execute(select(RetentionRun.id)).all()) == 1
    assert Retention(uow, clock, rule)() == {"changes": 1}
