"""services/eds_accounts: from a certificate to an account. The walks are in test_eds_login.py."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest

from idp.core.errors import Denied
from idp.eds.errors import EdsRefused, WrongHolder
from idp.eds.signed_by import EMPLOYEE, PERSON, Evidence, Names, SignedBy, StatusProof
from idp.services.eds_accounts import EdsAccounts, Known, Stranger, is_adult
from tests.factories.citizens import IIN, MINOR_IIN, SCHOOL_BIN, Citizens
from tests.factories.rows import BEGINNING

EVIDENCE = Evidence(b"cms", (b"der",), StatusProof("ocsp", BEGINNING, None), None, BEGINNING)
NAMES = Names("СЕРІКОВА ГҮЛНАРА", "СЕРІКОВА", "ГҮЛНАРА", "")
SIGNED = SignedBy(IIN, "", NAMES, "", frozenset((PERSON,)), "file", "gost2015", True, EVIDENCE)
FOR_SCHOOL = replace(SIGNED, bin=SCHOOL_BIN, organisation="МЕКТЕП", roles=frozenset((EMPLOYEE,)))


def _accounts(citizens: Citizens, second_factor: Collection[str] = ()) -> EdsAccounts:
    return EdsAccounts(citizens.parts.uow, citizens.clock, citizens.parts.iin_vault, second_factor)


def _decide(citizens: Citizens, signed_by: SignedBy) -> Known | Stranger:
    accounts = _accounts(citizens)
    lookup = accounts.lookup(signed_by)
    with citizens.parts.uow.write() as tx:
        return accounts.decide(tx, signed_by, lookup)


def test_a_number_is_matched_and_nothing_else(citizens: Citizens) -> None:
    person = citizens.person(family_name="Басқа")
    assert _decide(citizens, SIGNED) == Known(person)
    assert _decide(citizens, replace(SIGNED, iin="831010300019")) == Stranger()


def test_who_may_not_sign_in_is_refused(citizens: Citizens) -> None:
    citizens.set_status(citizens.person(), "ended")
    with pytest.raises(EdsRefused):
        _decide(citizens, SIGNED)


def test_only_a_number_that_says_under_age_is_refused(citizens: Citizens) -> None:
    with pytest.raises(Denied):
        _decide(citizens, replace(SIGNED, iin=MINOR_IIN))
    assert _decide(citizens, replace(SIGNED, iin="123456789011")) == Stranger()


def test_a_certificate_of_two_schools_with_one_number_begins_nothing(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.school()
    second = citizens.school(name="Екінші")
    with pytest.raises(WrongHolder):
        _decide(citizens, FOR_SCHOOL)
    there = citizens.membership(person, second, "nurse")
    assert _decide(citizens, FOR_SCHOOL) == Known(person, there)


def test_a_role_that_may_not_act_for_the_organisation_is_the_wrong_one(citizens: Citizens) -> None:
    citizens.school()
    with pytest.raises(WrongHolder):
        _decide(citizens, replace(FOR_SCHOOL, roles=frozenset()))


def test_whom_a_second_factor_is_asked_of(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.membership(person, citizens.school(), "teacher")
    with citizens.parts.uow.read() as tx:
        hardware = replace(SIGNED, key_storage="hardware")
        assert _accounts(citizens, ("staff",)).demands_second(tx, person, hardware)
        assert not _accounts(citizens, ("file",)).demands_second(tx, person, hardware)
        assert _accounts(citizens, ("file",)).demands_second(tx, person, SIGNED)
        assert not _accounts(citizens).demands_second(tx, person, SIGNED)
        assert not _accounts(citizens, ("staff",)).demands_second(tx, "", hardware)


def test_a_membership_is_proved_once(citizens: Citizens) -> None:
    person, school = citizens.person(), citizens.school()
    accounts = _accounts(citizens)
    with citizens.parts.uow.write() as tx:
        first = accounts.prove_membership(tx, person, school, FOR_SCHOOL)
        assert accounts.prove_membership(tx, person, school, FOR_SCHOOL) == first
    assert citizens.memberships(person) == [(school, "staff", None)]
    assert len(citizens.events("membership_proved")) == 1
    with citizens.parts.uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE memberships SET \"end\" = '2026-08-01'")
    with citizens.parts.uow.write() as tx, pytest.raises(Denied):
        accounts.prove_membership(tx, person, school, FOR_SCHOOL)
    assert citizens.memberships(person)[0][2] == date(2026, 8, 1)


def test_a_guardian_who_holds_something_gets_no_second_role(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.membership(person, citizens.school(), "guardian")
    with citizens.parts.uow.write() as tx:
        _accounts(citizens).add_guardian(tx, person)
    assert len(citizens.memberships(person)) == 1


def test_one_key_is_one_credential(citizens: Citizens) -> None:
    person = citizens.person()
    accounts = _accounts(citizens)
    with citizens.parts.uow.write() as tx:
        first = accounts.used(tx, person, SIGNED)
        other = replace(SIGNED, names=replace(NAMES, family_name="ОМАРОВА"))
        assert accounts.used(tx, person, other) == first


@pytest.mark.parametrize(("key_storage", "is_asked"), [("unknown", True), ("cloud", False)])
def test_a_key_that_does_not_say_where_it_is_kept_counts_as_a_file(
    citizens: Citizens, key_storage: str, is_asked: bool
) -> None:
    person = citizens.person()
    accounts, signed_by = _accounts(citizens, ("file",)), replace(SIGNED, key_storage=key_storage)
    with citizens.parts.uow.read() as tx:
        assert accounts.demands_second(tx, person, signed_by) == is_asked
    assert accounts.demands_second_of(Stranger(), signed_by) == is_asked


def test_who_came_a_moment_before_is_nobody_newly_made(citizens: Citizens) -> None:
    accounts = _accounts(citizens)
    lookup = accounts.lookup(SIGNED)
    with citizens.parts.uow.write() as tx:
        assert accounts.begin_with(tx, SIGNED, lookup, role="guardian", language="kk")
    with citizens.parts.uow.write() as tx:
        assert accounts.begin_with(tx, SIGNED, lookup, role="guardian", language="kk") == ""
    assert len(citizens.everybody()) == 1


def test_who_was_born_on_29_february_is_of_age_on_the_day_the_guardians_are_out() -> None:
    """Else there would be a day on which nobody could act."""
    for day, is_of_age in ((date(2026, 2, 27), False), (date(2026, 2, 28), True)):
        assert is_adult("080229600015", day) is is_of_age
    assert is_adult("0" * 12, date(2026, 2, 28)), "a number without a date"
