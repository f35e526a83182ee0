"""Where a pupil learns now."""

from __future__ import annotations

from datetime import date

from idp.core.scope import Scope
from idp.store import transfers
from idp.store.session import UnitOfWork
from tests.factories.console import add_guardianship
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_the_main_school_comes_first_and_its_place_ends_alone(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        circle, school = add_school(tx, "Үйірме", type="extra"), add_school(tx)
        pupil, parent = add_person(tx), add_person(tx, "parent")
        add_membership(tx, pupil, circle)
        held = add_membership(tx, pupil, school, is_primary=True, grade="7")
        link = add_guardianship(tx, school, pupil, parent)
        assert [one.school_id for one in transfers.learners(tx, pupil, today=TODAY)] == [school, circle]
        assert transfers.learners(tx, parent, today=TODAY) == []
        ended = transfers.end_pupil(tx, Scope("", "operator", (school,)), pupil, today=TODAY)
        assert ended == [(school, held)]
        assert [one.school_id for one in transfers.learners(tx, pupil, today=TODAY)] == [circle]
        assert transfers.links_of(tx, pupil) == [link]
