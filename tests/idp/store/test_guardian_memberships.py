"""The role of a guardian at a school, beside other roles of the same person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select, update

from idp.store import guardian_memberships
from idp.store.models.people import Guardianship, Membership
from idp.store.session import UnitOfWork
from tests.factories.console import add_guardianship
from tests.factories.rows import add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_the_role_comes_once_and_goes_with_the_last_child(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, child, person = add_school(tx), add_person(tx, "child"), add_person(tx, "gulnara")
        other = add_school(tx, "№ 5")
        add_membership(tx, child, school, "pupil")
        add_membership(tx, person, school, "teacher", is_primary=True)
        made = guardian_memberships.open_at(tx, person, school, today=TODAY)
        assert made
        assert guardian_memberships.open_at(tx, person, school, today=TODAY) == ""
        is_primary = tx.connection.execute(
            select(Membership.is_primary).where(Membership.id == made, Membership.person_id == person)
        ).scalar()
        assert is_primary is False, "a teacher stays one first"
        add_guardianship(tx, other, child, person)  # Recorded elsewhere, before the child moved.
        assert guardian_memberships.close_childless(tx, person, [school], today=TODAY) == []
        tx.connection.execute(update(Guardianship).values(verified_at=None))
        assert guardian_memberships.close_childless(tx, person, [school, other], today=TODAY) == [(school, made)]
        roles = select(Membership.role).where(Membership.person_id == person, Membership.end.is_(None))
        assert list(tx.connection.execute(roles).scalars()) == ["teacher"]


def test_the_role_at_no_school_ends_when_a_school_knows_them(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, first, second = add_school(tx), add_person(tx, "first"), add_person(tx, "second")
        alone = add_membership(tx, first, None, "guardian")  # type: ignore[arg-type]
        add_membership(tx, second, school, "guardian")
        assert guardian_memberships.leave_none(tx, [first, second], today=TODAY) == [alone]
        assert guardian_memberships.leave_none(tx, [first, second], today=TODAY) == []
