"""store/second_factors: which schools ask somebody for a second factor."""

from datetime import date

from idp.core.clock import FixedClock
from idp.store import credentials, second_factors
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


def test_who_has_no_way_in_but_an_eds_is_counted(uow: UnitOfWork, clock: FixedClock) -> None:
    """`methods` beside the ЭЦҚ, role, the school's rule, and whether they would be locked out without it."""
    today = date(2026, 9, 1)
    cases = (
        ((), "guardian", "none", True), (("password",), "guardian", "none", False),
        (("passkey",), "guardian", "", False),
        (("password",), "teacher", "", True), (("password",), "guardian", "", False),
        (("password",), "guardian", "everybody", True), (("password", "totp"), "teacher", "staff", False),
        (("totp",), "guardian", "none", True), (("password", "second_step"), "guardian", "none", True),
        (("password", "recovery"), "teacher", "staff", True), (("password",), "pupil", "everybody", False),
    )  # fmt: skip
    expected = 0
    for number, (methods, role, rule, is_locked) in enumerate(cases):
        with uow.write() as tx:
            person = add_person(tx, f"p{number}")
            add_membership(tx, person, add_school(tx, second_factor=rule), role)
            for method in ("eds", *methods):
                credentials.add(tx, person, method, {}, now=clock.now())
            expected += is_locked
            found = second_factors.only_by_eds(tx, "staff", ("teacher",), today=today)
        assert found == expected, (methods, role, rule)
    with uow.write() as tx:
        add_person(tx, "stranger")
        assert second_factors.only_by_eds(tx, "staff", ("teacher",), today=today) == expected, "who never used one"
        assert second_factors.only_by_eds(tx, "everybody", ("teacher",), today=today) == expected + 1
