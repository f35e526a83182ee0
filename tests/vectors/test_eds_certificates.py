"""Whose certificate counts: rows 4 to 6 and 10 of the nca reference §8. Each refusal disappears with its check."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.cli.dev.nca import Holder
from idp.eds.errors import (
    Expired,
    NcaUnavailable,
    NotYetValid,
    Revoked,
    StatusUnknown,
    Untrusted,
    WrongHolder,
    WrongUse,
)
from idp.eds.verifier import Policy
from tests.factories.eds_ground import CONTENT, HEAD, MOMENT, PERSON, Ground, nca_of, refusal


@pytest.fixture(params=["gost2015", "rsa"])
def ground(request: pytest.FixtureRequest) -> Ground:
    return Ground(nca_of(request.param))


# Row 4: issuers


@pytest.mark.parametrize("issuer", ["self", "foreign", "same_name"])
def test_only_a_pinned_authority_makes_a_signer(ground: Ground, issuer: Any) -> None:
    key = ground.key(signed_by=issuer)
    refusal(ground, ground.cms(key), Untrusted)
    refusal(ground, ground.cms(key, extra_certificates=key.chain), Untrusted)


def test_a_person_issues_no_certificates(ground: Ground) -> None:
    key = ground.key(signed_by=ground.key())
    refusal(ground, ground.cms(key), Untrusted)
    refusal(ground, ground.cms(key, extra_certificates=key.chain[:1]), Untrusted)


def test_an_authority_below_the_pinned_root_is_not_pinned_itself(ground: Ground) -> None:
    """As an accredited authority would be (registr of root.gov.kz)."""
    other = ground.nca.issue(HEAD, signed_by=ground.nca.root, is_ca=True, key_usage=b"\x01\x06", common_name="BANK CA")
    key = ground.key(signed_by=other)
    refusal(ground, ground.cms(key), Untrusted)
    refusal(ground, ground.cms(key, extra_certificates=[other.certificate]), Untrusted)


def test_the_root_signs_no_people(ground: Ground) -> None:
    refusal(ground, ground.cms(ground.key(signed_by=ground.nca.root)), Untrusted)


def test_a_certificate_changed_after_it_was_issued_is_refused(ground: Ground) -> None:
    refusal(ground, ground.cms(ground.key(signature="flipped")), Untrusted)


def test_certificates_that_nobody_pinned_may_not_come_along(ground: Ground) -> None:
    """They would be unsigned octets that nobody looks at."""
    refusal(ground, ground.cms(extra_certificates=[ground.key().certificate]), Untrusted)


def test_test_roots_are_told_from_production() -> None:
    real = Ground(nca_of("gost2015", is_test=False))
    assert real.verifier.verify(real.cms(), CONTENT).is_production


# Row 5: time and status


def test_a_certificate_counts_only_between_its_dates(ground: Ground) -> None:
    expired = ground.key(not_after=MOMENT - timedelta(seconds=1))
    early = ground.key(not_before=MOMENT + timedelta(seconds=1))
    refusal(ground, ground.cms(expired), Expired)
    refusal(ground, ground.cms(early), NotYetValid)
    ground.verifier.verify(ground.cms(ground.key(not_before=MOMENT, not_after=MOMENT)), CONTENT)


def test_an_authority_counts_only_between_its_dates(ground: Ground) -> None:
    ground.clock.advance(days=3660)
    key = ground.key(not_after=MOMENT + timedelta(days=9999))
    refusal(ground, ground.cms(key), Expired)


@pytest.mark.parametrize(("reason", "error"), [(1, Revoked), (4, Revoked), (6, Revoked)])
def test_a_certificate_that_was_revoked_or_is_on_hold_is_refused(
    ground: Ground, reason: int, error: type[Exception]
) -> None:
    key = ground.key()
    ground.nca.revoke(key, MOMENT - timedelta(minutes=1), reason)
    refusal(ground, ground.cms(key), error)


def test_without_the_word_of_the_authority_nobody_is_let_in(ground: Ground) -> None:
    """Unknown, never issued, stale, with another nonce, about another certificate, by another responder, silent."""
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"status": "unknown"}, StatusUnknown),
        ({"status": "not_known"}, StatusUnknown),
        ({"this_update": MOMENT - timedelta(days=2)}, NcaUnavailable),
        ({"nonce": bytes(16)}, NcaUnavailable),
        ({"nonce": None}, NcaUnavailable),
        ({"cert_serial": 5}, NcaUnavailable),
        ({"responder": ground.key()}, NcaUnavailable),
        ({"signature": "flipped"}, NcaUnavailable),
        ({"error": 3}, NcaUnavailable),
    ]
    for departures, error in wrong:
        ground.ocsp = departures  # type: ignore[assignment]
        refusal(ground, ground.cms(), error)
    ground.is_silent = True
    refusal(ground, ground.cms(), NcaUnavailable)


# Row 6: use


@pytest.mark.parametrize("usage", [b"\x07\x80", b"\x06\x40", b"\x03\x88", None], ids=repr)
def test_a_key_that_may_not_sign_documents_is_refused(ground: Ground, usage: bytes | None) -> None:
    """Only digitalSignature; only nonRepudiation; the old AUTH kind with keyEncipherment; nothing said."""
    refusal(ground, ground.cms(ground.key(key_usage=usage)), WrongUse)


_SIGNS = b"\x06\xc0"


@pytest.mark.parametrize(
    ("holder", "departures", "error"),
    [
        (PERSON, {"extended_key_usage": ["1.3.6.1.5.5.7.3.4"]}, WrongHolder),
        (PERSON, {"extended_key_usage": []}, WrongHolder),
        (PERSON, {"extended_key_usage": ["1.2.398.3.3.4.1.1", "1.3.6.1.5.5.7.3.9"]}, WrongUse),
        (PERSON, {"extended_key_usage": ["1.2.398.3.3.4.1.1", "1.3.6.1.5.5.7.3.8"]}, WrongUse),
        (PERSON, {"extended_key_usage": ["1.2.398.3.3.4.1.10"]}, WrongHolder),
        (PERSON, {"extended_key_usage": ["1.2.398.3.3.4.2.1"]}, WrongHolder),
        (PERSON, {"policies": []}, WrongUse),
        (PERSON, {"policies": ["1.2.398.3.3.20"]}, WrongUse),
        (PERSON, {"is_ca": True}, WrongUse),
        (replace(PERSON, role="person_infosystem"), {"key_usage": _SIGNS}, WrongHolder),
        (replace(HEAD, role="infosystem"), {"key_usage": _SIGNS}, WrongHolder),
        (HEAD, {"extended_key_usage": ["1.2.398.3.3.4.1.2.1", "1.2.398.3.3.4.1.2.6.100"]}, WrongHolder),
        (replace(HEAD, role="treasury"), {}, WrongHolder),
        (replace(HEAD, role="ocsp"), {"key_usage": _SIGNS}, WrongUse),
        (replace(HEAD, role="tsa"), {"key_usage": _SIGNS}, WrongUse),
        (replace(HEAD, bin=""), {}, WrongHolder),
        (replace(PERSON, bin=HEAD.bin), {}, WrongHolder),
    ],
    ids=str,
)
def test_certificates_of_machines_services_and_the_unwanted_are_refused(
    ground: Ground, holder: Holder, departures: Any, error: type[Exception]
) -> None:
    refusal(ground, ground.cms(ground.key(holder, **departures)), error)


def test_only_the_wanted_kind_of_certificate_is_taken(ground: Ground) -> None:
    person, head = ground.cms(), ground.cms(ground.key(HEAD))
    refusal(ground, person, WrongHolder, policy=Policy(persons=False))
    refusal(ground, head, WrongHolder, policy=Policy(organisations=False))
    ground.verifier.verify(person, CONTENT, Policy(organisations=False))
    ground.verifier.verify(head, CONTENT, Policy(persons=False))


# Row 10: numbers


@pytest.mark.parametrize(
    "serial_numbers",
    [["IIN850101300005", "IIN850101300013"], ["IIN٨٥٠١٠١٣٠٠٠٠٥"], ["IIN85010130000"], ["IIN8501013000055"], []],
    ids=["two", "arabic digits", "eleven digits", "thirteen", "none"],
)
def test_a_certificate_names_one_person_in_plain_digits(ground: Ground, serial_numbers: Any) -> None:
    with pytest.raises(WrongHolder):
        ground.verifier.verify(ground.cms(ground.key(serial_numbers=serial_numbers)), CONTENT)
    assert ground.asked == 0


@pytest.mark.parametrize(
    "iin", ["850101300006", "850231300004", "850101900001"], ids=["check digit", "date", "century"]
)
def test_a_wrong_number_is_refused_under_a_production_root_only(iin: str) -> None:
    holder, real, test = replace(PERSON, iin=iin), Ground(nca_of("gost2015", is_test=False)), Ground(nca_of("gost2015"))
    refusal(real, real.cms(real.key(holder)), WrongHolder)
    assert test.verifier.verify(test.cms(test.key(holder)), CONTENT).iin == iin


def test_a_wrong_number_of_an_organisation_is_refused_under_a_production_root_only() -> None:
    holder, real, test = (
        replace(HEAD, bin="990140000008"),
        Ground(nca_of("gost2015", is_test=False)),
        Ground(nca_of("rsa")),
    )
    refusal(real, real.cms(real.key(holder)), WrongHolder)
    assert test.verifier.verify(test.cms(test.key(holder)), CONTENT).bin == "990140000008"
    assert real.verifier.verify(real.cms(real.key(HEAD)), CONTENT).bin == HEAD.bin
