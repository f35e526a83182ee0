"""Ends by date, as the statements find them."""

from __future__ import annotations

from datetime import date, timedelta

from idp.store import feed, feed_lapses
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment, add_guardianship
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

DAY = date(2026, 9, 1)


def test_only_what_ended_in_these_days_and_was_not_told(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, left = add_school(tx), add_school(tx, "№ 5 ауыл мектебі")
        pupil, parent = add_person(tx, "pupil"), add_person(tx, "parent")
        over = add_membership(tx, pupil, school, end=DAY)
        add_membership(tx, pupil, left, end=DAY - timedelta(days=9))
        add_membership(tx, parent, school, "staff", end=DAY + timedelta(days=1))
        add_membership(tx, parent, school, "teacher")
        link = add_guardianship(tx, school, pupil, parent, end=DAY)
        klass = add_class(tx, school)
        place = add_enrolment(tx, school, klass, pupil, "pupil", end=DAY)
        add_enrolment(tx, school, klass, parent, "teacher", end=DAY + timedelta(days=1))
    with uow.read() as tx:
        asked = {"begin": DAY, "end": DAY, "since": BEGINNING}
        assert feed_lapses.memberships(tx, **asked) == [(school, over)]  # type: ignore[arg-type]
        assert feed_lapses.links(tx, **asked) == [(school, link)]  # type: ignore[arg-type]
        assert feed_lapses.places(tx, **asked) == [(school, place)]  # type: ignore[arg-type]
    with uow.write() as tx:
        feed.append(tx, "guardianships", "ended", [(school, link)], now=BEGINNING)
    with uow.read() as tx:
        assert feed_lapses.links(tx, **asked) == []  # type: ignore[arg-type]
