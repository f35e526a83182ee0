"""What a school has already of what a roster brings, and nothing of other schools."""

from __future__ import annotations

from datetime import date

from idp.core.scope import Scope
from idp.store import roster_matches
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_open_rows_of_the_scopes_schools_are_found(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        here = Scope("boss", "operator", (school,))
        room, over = add_class(tx, school, sessions=[]), add_class(tx, school, sessions=[], status="ended")
        far = add_class(tx, other, sessions=[])
        pupil = add_person(tx, "pupil")
        role = add_membership(tx, pupil, school, "pupil")
        add_membership(tx, pupil, school, "staff", end=TODAY)
        add_membership(tx, pupil, other, "pupil")
        place = add_enrolment(tx, school, room, pupil, "pupil")
        add_enrolment(tx, school, over, pupil, "pupil", end=TODAY)
        add_enrolment(tx, other, far, pupil, "pupil")
        assert [row["id"] for row in roster_matches.homerooms(tx, here)] == [room]
        assert roster_matches.closed(tx, here, [room, over, far]) == {over}
        assert roster_matches.years(tx, here) == {}
        assert roster_matches.roles(tx, here, [pupil], today=TODAY) == {(pupil, school, "pupil"): role}
        assert roster_matches.places(tx, here, [pupil], today=TODAY) == {(pupil, room, "pupil"): place}
