"""What ends by its date alone is told once, also after days without a worker."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.jobs.feed_lapses import FeedLapses
from idp.store import feed
from idp.store.models.audit import Change
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import add_membership, add_person, add_school


def test_ends_that_come_by_themselves_are_told_once(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        pupil, parent = add_person(tx, "pupil"), add_person(tx, "parent")
        add_membership(tx, pupil, school)
        over = add_membership(tx, pupil, school, "staff", end=date(2026, 9, 3))
        told = add_membership(tx, parent, school, "teacher", end=date(2026, 9, 1))
        link = add_guardianship(tx, school, pupil, parent, of_age_on=date(2026, 9, 3))
        place = add_enrolment(tx, school, add_class(tx, school), pupil, "pupil", end=date(2026, 9, 3))
        feed.append(tx, "memberships", "ended", [(school, told)], now=clock.now())
    lapses = FeedLapses(uow, clock)
    assert lapses() == 0
    clock.advance(days=4)
    assert [lapses(), lapses()] == [3, 0]
    with uow.read() as tx:
        rows = tx.connection.execute(select(Change.kind, Change.record_id).order_by(Change.seq)).all()
    assert [tuple(row) for row in rows[1:]] == [
        ("memberships", over), ("memberships", place), ("guardianships", link),
    ]  # fmt: skip
