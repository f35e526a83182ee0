"""Which certificates may sign, and whose they are; the attacks are in tests/vectors/test_eds_certificates.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from idp.eds import uses
from idp.eds.certificate import Certificate
from idp.eds.errors import WrongHolder, WrongUse
from idp.eds.uses import Policy
from tests.factories.eds_ground import HEAD, PERSON, Ground, nca_of


@pytest.fixture(scope="module")
def person() -> Certificate:
    return Certificate.parse(Ground(nca_of("gost2015")).key(PERSON).certificate)


@pytest.fixture(scope="module")
def head() -> Certificate:
    return Certificate.parse(Ground(nca_of("gost2015")).key(HEAD).certificate)


def test_both_bits_of_key_usage_are_needed_and_others_do_no_harm(person: Certificate) -> None:
    uses.check_use(replace(person, key_usage=frozenset(("digital_signature", "non_repudiation", "key_agreement"))))
    for usage in (("digital_signature",), ("non_repudiation",), ("key_agreement",), ()):
        with pytest.raises(WrongUse):
            uses.check_use(replace(person, key_usage=frozenset(usage)))


@pytest.mark.parametrize(("policy", "is_right"), [("", True), (".3", True), (".1", True), ("0", False)])
def test_the_policy_is_one_of_the_national_authority(person: Certificate, policy: str, is_right: bool) -> None:
    changed = replace(person, policies=frozenset((f"1.2.398.3.3.2{policy}", "2.5.29.32.0")))
    if is_right:
        uses.check_use(changed)
    else:
        with pytest.raises(WrongUse):
            uses.check_use(changed)


def test_a_person_and_a_head_are_told_apart(person: Certificate, head: Certificate) -> None:
    uses.check_holder(person, Policy(organisations=False))
    uses.check_holder(head, Policy(persons=False))
    for certificate, policy in ((person, Policy(persons=False)), (head, Policy(organisations=False))):
        with pytest.raises(WrongHolder):
            uses.check_holder(certificate, policy)


def test_one_certificate_is_not_both(head: Certificate) -> None:
    with pytest.raises(WrongHolder):
        uses.check_holder(replace(head, eku=head.eku | {"1.2.398.3.3.4.1.1"}), Policy())


def test_without_an_iin_nobody_is_meant(person: Certificate) -> None:
    with pytest.raises(WrongHolder):
        uses.check_holder(replace(person, holder=replace(person.holder, iin="")), Policy())


def test_check_digits_count_in_production(head: Certificate) -> None:
    uses.check_numbers(head, is_production=True)
    for holder in (replace(head.holder, iin="850101300006"), replace(head.holder, bin="990140000008")):
        wrong = replace(head, holder=holder)
        uses.check_numbers(wrong, is_production=False)
        with pytest.raises(WrongHolder):
            uses.check_numbers(wrong, is_production=True)


@pytest.mark.external
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("individual/valid/individual_valid", None),
        ("legal/valid/head", None),
        ("legal/valid/employee", None),
        ("legal/valid/employee_signright", None),
        ("legal/valid/infosystem", WrongHolder),
        ("legal/valid/treasury_client", WrongHolder),
    ],
)
def test_real_certificates_are_sorted_as_they_should_be(
    test_data: Path, name: str, error: type[Exception] | None
) -> None:
    certificate = Certificate.parse((test_data / "nca-test" / f"{name}.usercert.cer").read_bytes())
    uses.check_use(certificate)
    if error is None:
        uses.check_holder(certificate, Policy())
        uses.check_numbers(certificate, is_production=False)
        with pytest.raises(WrongHolder):
            uses.check_numbers(certificate, is_production=True)
    else:
        with pytest.raises(error):
            uses.check_holder(certificate, Policy())
