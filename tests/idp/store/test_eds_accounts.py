"""Who a citizen is here: people by the hash of their number, schools by theirs."""

from __future__ import annotations

from datetime import date

from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.services import scope as scopes
from idp.store import eds_accounts, people, sessions
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_somebody_is_found_by_the_hash_whatever_their_status(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        active, ended = add_person(tx), add_person(tx, "marat", status="ended")
        people.set_iin(tx, [(active, b"a" * 32, b"x"), (ended, b"b" * 32, b"y")])
        assert eds_accounts.hold_by_iin(tx, [b"a" * 32]) == eds_accounts.Found(active, True)
        assert eds_accounts.hold_by_iin(tx, [b"b" * 32]) == eds_accounts.Found(ended, False)
        assert eds_accounts.hold_by_iin(tx, [b"c" * 32]) is None
        assert eds_accounts.is_active(tx, active)
        assert not eds_accounts.is_active(tx, ended)


def test_a_taken_username_or_number_adds_nobody_and_spoils_nothing(uow: UnitOfWork) -> None:
    row = {"username": "gulnara", "iin_lookup": b"a" * 32, "created_at": BEGINNING, "updated_at": BEGINNING}
    with uow.write() as tx:
        assert eds_accounts.add_if_new(tx, row | {"id": new_id()})
        assert not eds_accounts.add_if_new(tx, row | {"id": new_id(), "iin_lookup": b"b" * 32})
        assert not eds_accounts.add_if_new(tx, row | {"id": new_id(), "username": "other"})
        assert eds_accounts.add_if_new(tx, row | {"id": new_id(), "username": "other", "iin_lookup": b"b" * 32})


def test_a_school_is_found_however_its_number_is_written(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        plain = add_school(tx, "Бір", identifier="140240000018")
        spaced = add_school(tx, "Екі", identifier="1402 4000\u00a000-18")
        add_school(tx, "Жабық", identifier="140240000018", status="closed")
        add_school(tx, "Басқа", identifier="150340000019")
        found = {school.id for school in eds_accounts.schools_by_bin(tx, "140240000018")}
        assert found == {plain, spaced}
        assert not eds_accounts.schools_by_bin(tx, "")


def test_terms_of_staff_are_those_of_the_scope_held_or_not(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person, school, other = add_person(tx), add_school(tx), add_school(tx, "Басқа")
        ended = add_membership(tx, person, school, "teacher", end=TODAY)
        to_come = add_membership(tx, person, school, "nurse", begin=date(2026, 10, 1))
        held = add_membership(tx, person, school, "director", is_primary=True, begin=TODAY)
        add_membership(tx, person, school, "guardian")
        add_membership(tx, person, other, "teacher")
        scope = scopes.of_person(person, "staff", (school,))
        terms = eds_accounts.staff_terms(tx, scope, person, today=TODAY)
        assert terms[0] == eds_accounts.StaffTerm(held, school, True)
        assert {term.id for term in terms[1:]} == {ended, to_come}
        assert not any(term.holds for term in terms[1:])
        assert eds_accounts.schools_of(tx, person) == sorted((school, other))


def test_a_guardian_without_a_school_holds_a_role_that_every_page_may_show(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        eds_accounts.add_guardian(tx, person, {"id": "m1", "begin": TODAY})
        (held,) = sessions.memberships_of_person(tx, person, today=TODAY)
        assert (held.role, held.school_id, held.school_name, held.school_name_ru) == ("guardian", None, "", "")
        assert eds_accounts.schools_of(tx, person) == [""]
        scope = scopes.of_operator(())
        assert people.close(tx, scope, [person], today=TODAY, now=clock.now()) == []


def test_somebody_gets_another_name(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person = add_person(tx, family_name="Серікова")
        eds_accounts.rename(tx, person, {"family_name": "Ахметова", "updated_at": BEGINNING})
        assert people.taken_usernames(tx, ["aigerim"])
