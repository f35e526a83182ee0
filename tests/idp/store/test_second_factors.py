"""store/second_factors: which schools ask somebody for a second factor."""

from datetime import date

from idp.store import second_factors
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school


def test_the_rules_are_those_of_todays_memberships(uow: UnitOfWork) -> None:
    today = date(2026, 9, 1)
    with uow.write() as tx:
        person = add_person(tx)
        add_membership(tx, person, add_school(tx, second_factor="staff"), "teacher", end=today)
        add_membership(tx, person, add_school(tx, second_factor="everybody"), "guardian")
        add_membership(tx, person, add_school(tx), "director", begin=date(2026, 9, 2))
        assert second_factors.rules_of(tx, person, today=today) == [("guardian", "everybody")]
        add_membership(tx, person, add_school(tx), "teacher")
        assert ("teacher", "") in second_factors.rules_of(tx, person, today=today)
