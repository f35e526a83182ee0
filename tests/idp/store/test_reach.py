"""Where a role stands in the tree of organisations, and whose class teacher somebody is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from idp.store import reach
from idp.store.models.org import Organisation
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = BEGINNING.date()


def test_the_tree_is_walked_both_ways_even_through_a_ring(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        district = add_school(tx, "Аудан", type="district")
        school, other = add_school(tx, parent_id=district), add_school(tx, "№ 5")
        assert set(reach.above(tx, school)) == {school, district}
        assert set(reach.below(tx, district)) == {school, district}
        assert reach.is_below(tx, school, district)
        assert not reach.is_below(tx, other, district)
        assert not reach.is_below(tx, "0" * 32, district)
        assert reach.over(tx, (school, other)) == {district: [school]}
        assert reach.over(tx, (district,)) == {}
        tx.connection.execute(update(Organisation).where(Organisation.id == district).values(parent_id=school))
        assert set(reach.above(tx, school)) == {school, district}
        assert set(reach.below(tx, school)) == {school, district}
        assert reach.over(tx, (school,)) == {district: [school]}


def test_a_role_holds_within_its_term_and_belongs_to_one_person(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, person = add_school(tx), add_person(tx)
        held = add_membership(tx, person, school, "teacher", end=TODAY + timedelta(days=1))
        found = reach.membership(tx, person, held, today=TODAY)
        assert found is not None
        assert (found.role, found.school_id) == ("teacher", school)
        assert reach.membership(tx, person, held, today=TODAY + timedelta(days=1)) is None
        assert reach.membership(tx, add_person(tx, "other"), held, today=TODAY) is None


def test_own_classes_are_open_homerooms_that_somebody_leads(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, person = add_school(tx), add_person(tx)
        led, primary = add_class(tx, school), add_class(tx, school, "6 «Б»")
        add_enrolment(tx, school, led, person, "class_teacher")
        add_enrolment(tx, school, primary, person, "teacher", is_primary=True)
        add_enrolment(tx, school, add_class(tx, school, "5 «А»"), person, "teacher")
        add_enrolment(tx, school, add_class(tx, school, "4 «А»", status="ended"), person, "class_teacher")
        add_enrolment(tx, school, add_class(tx, school, "Хор", kind="scheduled"), person, "class_teacher")
        add_enrolment(tx, school, add_class(tx, school, "3 «А»"), person, "class_teacher", end=TODAY)
        assert set(reach.own_classes(tx, person, school, today=TODAY)) == {led, primary}
