"""eds/certificate: everything the rules ask for, read from the signed octets, and nothing read two ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import pem
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.cli.dev.nca import der as write
from idp.eds import algorithms
from idp.eds.certificate import Certificate
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import AlgorithmRefused, EdsRefused, Malformed, WrongHolder, WrongUse
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.signed_by import HEAD, ORGANISATION, PERSON, Names
from tests.factories.nca import BIN, IIN, NOW, holder, person_key, shared_nca

_EMAIL = "1.3.6.1.5.5.7.3.4"
_KEY_STORAGE = "1.2.398.3.3.5"
_NAME_CONSTRAINTS = "2.5.29.30"


def _issued(changes: dict[str, Any] | None = None, **departures: Any) -> Certificate:
    return Certificate.parse(shared_nca().issue(holder(**changes or {}), **departures).certificate)


def test_a_person_is_read_whole() -> None:
    key = person_key()
    certificate = Certificate.parse(key.certificate)
    assert certificate.subject_names == Names("СЕРІКОВА ГҮЛНАРА", "СЕРІКОВА", "ГҮЛНАРА", "БОЛАТҚЫЗЫ")
    assert (certificate.iin, certificate.bin, certificate.organisation) == (IIN, "", "")
    assert certificate.common_name == "СЕРІКОВА ГҮЛНАРА"
    assert certificate.key_usage == {"digital_signature", "non_repudiation", "key_agreement"}
    assert certificate.eku == {_EMAIL, PERSON}
    assert certificate.roles == {PERSON}
    assert certificate.policies == {"1.2.398.3.3.2"}
    assert (certificate.is_ca, certificate.has_nocheck, certificate.key_storage) == (False, False, "file")
    assert (certificate.serial, certificate.subject, certificate.issuer) == (key.serial, key.subject, key.issuer)
    assert certificate.key_bits_sha1 == certificate.subject_key_id == key.key_id
    assert certificate.authority_key_id == shared_nca().ca.key_id
    assert certificate.spki == key.private_key.spki()
    assert not certificate.is_self_issued


def test_times_are_aware_and_reach_beyond_2049() -> None:
    certificate = _issued(not_before=NOW, not_after=datetime(2051, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert certificate.not_before == NOW
    assert certificate.not_after == datetime(2051, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert certificate.not_before.utcoffset() == timedelta(0)


def test_the_head_of_an_organisation_has_both_numbers() -> None:
    certificate = _issued({"role": "head", "organisation": "№ 12 мектеп-гимназия", "bin": BIN})
    assert (certificate.iin, certificate.bin, certificate.organisation) == (IIN, BIN, "№ 12 мектеп-гимназия")
    assert certificate.roles == {ORGANISATION, HEAD}


def test_the_order_of_the_subject_does_not_matter() -> None:
    straight, reverse = _issued(), _issued(reversed_subject=True)
    assert straight.holder == reverse.holder
    assert straight.subject != reverse.subject


def test_authorities_and_responders_parse_too() -> None:
    root, ca = (Certificate.parse(der) for der in shared_nca().anchors)
    assert (root.is_ca, root.is_self_issued, root.iin) == (True, True, "")
    assert ca.key_usage == {"key_cert_sign", "crl_sign"}
    assert ca.issuer == root.subject
    responder = Certificate.parse(shared_nca().responder.certificate)
    assert responder.has_nocheck
    assert responder.eku == {"1.3.6.1.5.5.7.3.9"}


def test_the_longest_path_is_read() -> None:
    assert _issued(is_ca=True, path_length=0).max_path_length == 0
    assert _issued(is_ca=True).max_path_length is None
    assert not _issued(is_ca=False).is_ca


def test_an_issuer_with_a_name_beyond_64_octets_is_no_obstacle() -> None:
    ca = Certificate.parse(shared_nca().anchors[1])
    assert len(ca.common_name.encode()) > 64
    assert _issued().issuer == ca.subject


@pytest.mark.parametrize(
    ("key_storage", "expected"),
    [("file", "file"), ("jks", "file"), ("id_card", "hardware"), ("hardware", "hardware"), ("cloud", "cloud"),
     ("", "unknown")],
)  # fmt: skip
def test_where_the_key_is_kept(key_storage: str, expected: str) -> None:
    assert _issued({"key_storage": key_storage}).key_storage == expected


@pytest.mark.parametrize(
    "oids", [[], ["1.2.3"], [f"{_KEY_STORAGE}.9.1"], [f"{_KEY_STORAGE}.1.1", f"{_KEY_STORAGE}.2.1"]]
)
def test_a_key_store_we_do_not_know_is_unknown(oids: Sequence[str]) -> None:
    value = write.sequence(*map(write.oid, oids))
    assert _issued({"key_storage": ""}, more_extensions=[(_KEY_STORAGE, False, value)]).key_storage == "unknown"


def test_keys_of_every_kind_are_read_from_their_certificates() -> None:
    for kind in ("gost2015", "gost2004", "rsa"):
        certificate = Certificate.parse(person_key(kind).certificate)
        assert algorithms.kind_of(certificate.key) == kind
        assert certificate.key is certificate.key


@pytest.mark.parametrize("backend", [LibGcrypt(), EcdsaBackend()], ids=lambda backend: str(backend.name))
def test_the_signature_covers_tbs(backend: Any) -> None:
    certificate, ca = Certificate.parse(person_key().certificate), Certificate.parse(shared_nca().anchors[1])
    algorithms.verify(backend, ca.key, certificate.signature_oid, certificate.tbs, certificate.signature)
    assert certificate.tbs in certificate.der


@pytest.mark.parametrize("point", ["off_curve", "zero", "x_too_big", "bare", "short", "long", "big_endian"])
def test_a_spoilt_key_is_refused_when_it_is_used(point: Any) -> None:
    certificate = _issued(point=point)
    with pytest.raises((AlgorithmRefused, Malformed)):
        _ = certificate.key


@pytest.mark.parametrize(
    "serials", [[f"IIN{IIN}", f"IIN{IIN}"], [f"IIN{IIN}", "IIN831010300019"], ["IIN٨٥٠٥٢٥٤٠٠٠١٨"], ["IIN85052540001"]]
)
def test_two_numbers_or_digits_of_another_script_name_nobody(serials: Sequence[str]) -> None:
    with pytest.raises(WrongHolder):
        _issued(serial_numbers=serials)


def test_null_and_absent_parameters_are_the_same() -> None:
    assert _issued(inner_null=False).signature_oid == algorithms.GOST2015_SIGNATURE


@pytest.mark.parametrize(
    "departures",
    [
        {"outer_oid": algorithms.RSA_SHA256},
        {"outer_oid": algorithms.GOST2004_SIGNATURE},
        {"signature_oid": "1.2.840.113549.1.1.5"},
        {"signature_oid": "1.2.643.7.1.1.3.3"},
        {"signature_oid": algorithms.GOST2004_KEY},
        {"signature_oid": algorithms.RSA_KEY},
    ],
)
def test_signature_algorithms_agree_and_are_of_the_table(departures: Any) -> None:
    with pytest.raises(AlgorithmRefused):
        _issued(**departures)


def test_a_critical_extension_nobody_understands_forbids_every_use() -> None:
    more = [(_NAME_CONSTRAINTS, True, write.sequence())]
    with pytest.raises(WrongUse):
        _issued(more_extensions=more)
    assert _issued(more_extensions=[(_NAME_CONSTRAINTS, False, write.sequence())]).iin == IIN


def test_no_extension_occurs_twice() -> None:
    with pytest.raises(Malformed):
        _issued(more_extensions=[("2.5.29.15", True, write.tlv(0x03, b"\x03\xc8"))])


@pytest.mark.parametrize(
    "value",
    [b"", b"\x30\x80\x00\x00", write.sequence() + b"\0", write.sequence(write.integer(1)), write.null()],
    ids=["empty", "BER", "trailing", "another element inside", "another type"],
)
@pytest.mark.parametrize("oid", ["2.5.29.37", "2.5.29.32", _KEY_STORAGE])
def test_what_extensions_hold_is_der_of_their_type(oid: str, value: bytes) -> None:
    with pytest.raises(Malformed):
        _issued({"key_storage": ""}, extended_key_usage=[], policies=[], more_extensions=[(oid, False, value)])


@pytest.mark.parametrize("serial", [-1, 2**160])
def test_a_serial_number_is_of_at_most_twenty_octets(serial: int) -> None:
    with pytest.raises(Malformed):
        _issued(serial=serial)


def test_octets_after_the_certificate_are_refused() -> None:
    with pytest.raises(Malformed):
        _issued(trailing=b"\0")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_certificate_is_refused_or_read_and_nothing_else_is_raised(draw: st.DataObject) -> None:
    changed = bytearray(person_key().certificate)
    for _ in range(draw.draw(st.integers(1, 3))):
        changed[draw.draw(st.integers(0, len(changed) - 1))] = draw.draw(st.integers(0, 255))
    try:
        certificate = Certificate.parse(bytes(changed))
        _ = certificate.key
    except EdsRefused:
        return
    assert certificate.der == bytes(changed)


def _external(path: Path) -> Certificate:
    data = path.read_bytes()
    return Certificate.parse(pem.unarmor(data)[2] if b"-----BEGIN" in data else data)


def _published(test_data: Path) -> dict[str, Certificate]:
    folder = test_data / "nca-test"
    return {str(path.relative_to(folder)): _external(path) for path in sorted(folder.rglob("*.cer"))}


@pytest.mark.external
def test_every_published_certificate_verifies_in_both_libraries(test_data: Path) -> None:
    found = _published(test_data)
    root, ca = found["root_test_gost_2022.cer"], found["nca_gost2022_test.cer"]
    assert len(found) > 14
    for name, certificate in found.items():
        issuer = root if certificate.is_ca else ca
        assert (certificate.issuer, certificate.authority_key_id) == (issuer.subject, issuer.key_bits_sha1), name
        for backend in (LibGcrypt(), EcdsaBackend()):
            algorithms.verify(backend, issuer.key, certificate.signature_oid, certificate.tbs, certificate.signature)
            with pytest.raises(AlgorithmRefused):
                algorithms.verify(backend, issuer.key, algorithms.RSA_SHA256, certificate.tbs, certificate.signature)


@pytest.mark.external
def test_published_certificates_have_the_fields_of_the_profile(test_data: Path) -> None:
    for name, certificate in _published(test_data).items():
        assert certificate.subject_key_id == certificate.key_bits_sha1, name
        # The serial number is that too, but for its first octet: positive, and never so small that one would be saved.
        assert certificate.serial.to_bytes(20, "big")[1:] == certificate.subject_key_id[1:], name
        if certificate.is_ca:
            assert certificate.key_usage == {"key_cert_sign", "crl_sign"}
            assert len(certificate.common_name.encode()) > 64
            continue
        assert certificate.key_storage == "file"
        assert {"digital_signature", "non_repudiation"} < certificate.key_usage
        assert certificate.policies == {"1.2.398.3.3.2"}
        assert certificate.bin == ("123456789021" if name.startswith("legal/") else "")
        if "treasury" not in name:  # the files of the two systems bear each other's names
            assert certificate.iin in ("123456789011", "123456789012")
            assert certificate.subject_names.given_name in ("ТЕСТ", "ТЕСТТ")


@pytest.mark.external
def test_published_people_and_heads_are_told_apart(test_data: Path) -> None:
    found = _published(test_data)
    person = found["individual/valid/individual_valid.usercert.cer"]
    assert person.subject_names == Names("ТЕСТОВ ТЕСТ", "ТЕСТОВ", "ТЕСТ", "ТЕСТОВИЧ")
    assert person.roles == {PERSON}
    assert person.organisation == ""
    head = found["legal/valid/head.usercert.cer"]
    assert head.roles == {ORGANISATION, HEAD}
    assert head.organisation == 'АО "ТЕСТ"'
    system = found["legal/valid/treasury_client.usercert.cer"]
    assert (system.iin, system.subject_names.family_name) == ("", "")
