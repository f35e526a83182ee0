"""cli/dev/nca/certificates: in the profile of the NCA, as programs that are not ours read it."""

import ssl
import subprocess
from pathlib import Path

import pytest
from asn1crypto import x509

from idp.cli.dev.nca import MiniNca
from idp.core.clock import monotonic
from idp.eds import algorithms, gost
from idp.eds.libgcrypt import LibGcrypt
from tests.factories.nca import BIN, IIN, NOW, head_key, holder, person_key, shared_nca


def _parsed(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der, strict=True)


def test_a_person_looks_as_the_nca_makes_them() -> None:
    certificate = _parsed(person_key().certificate)
    subject = [(part[0]["type"].dotted, part[0]["value"].native) for part in certificate.subject.chosen]
    assert subject == [
        ("2.5.4.3", "СЕРІКОВА ГҮЛНАРА"),
        ("2.5.4.4", "СЕРІКОВА"),
        ("2.5.4.5", f"IIN{IIN}"),
        ("2.5.4.6", "KZ"),
        ("2.5.4.42", "БОЛАТҚЫЗЫ"),
    ]
    assert certificate.key_usage_value.native == {"digital_signature", "non_repudiation", "key_agreement"}
    assert [one.dotted for one in certificate.extended_key_usage_value] == [
        "1.3.6.1.5.5.7.3.4",
        "1.2.398.3.3.4.1.1",
    ]
    storage = next(
        one for one in certificate["tbs_certificate"]["extensions"] if one["extn_id"].dotted.endswith(".3.5")
    )
    assert storage["extn_value"].contents == bytes.fromhex("300a06082a830e0303050101")
    assert certificate.serial_number == int.from_bytes(certificate.key_identifier, "big") & ~(1 << 159)
    assert certificate.authority_key_identifier == _parsed(shared_nca().ca.certificate).key_identifier


def test_a_head_of_an_organisation_carries_its_number_and_role() -> None:
    certificate = _parsed(head_key().certificate)
    assert head_key().numbers() == {"iin": IIN, "bin": BIN}
    assert "1.2.398.3.3.4.1.2.1" in [one.dotted for one in certificate.extended_key_usage_value]


@pytest.mark.parametrize("algorithm", ["gost2015", "gost2004", "rsa"])
def test_every_signature_of_the_chain_holds(algorithm: str) -> None:
    nca = shared_nca(algorithm)
    key = nca.issue(holder())
    for der, issuer in (
        (nca.root.certificate, nca.root),
        (nca.ca.certificate, nca.root),
        (nca.responder.certificate, nca.ca),
        (nca.tsa.certificate, nca.ca),
        (key.certificate, nca.ca),
    ):
        parsed = _parsed(der)
        public = algorithms.load_key(issuer.private_key.spki())
        signed = parsed["tbs_certificate"].dump()
        oid = parsed["signature_algorithm"]["algorithm"].dotted
        algorithms.verify(LibGcrypt(), public, oid, signed, parsed.signature, allow_legacy=True)


def test_openssl_verifies_the_rsa_chain_and_reads_the_gost_one(tmp_path: Path) -> None:
    nca, key = shared_nca("rsa"), person_key("rsa")
    for name, der in (("root", nca.root.certificate), ("ca", nca.ca.certificate), ("user", key.certificate)):
        (tmp_path / f"{name}.pem").write_text(ssl.DER_cert_to_PEM_cert(der))
    at = str(int(NOW.timestamp()))
    command = ["openssl", "verify", "-attime", at, "-CAfile", "root.pem", "-untrusted", "ca.pem", "user.pem"]
    subprocess.run(command, cwd=tmp_path, check=True)
    read = subprocess.run(
        ["openssl", "asn1parse", "-inform", "DER"], input=person_key().certificate, capture_output=True, check=True
    )
    assert b":1.2.398.3.10.1.1.2.3.2" in read.stdout


def test_the_key_of_the_certificate_is_the_one_that_signs() -> None:
    key = person_key()
    spki = _parsed(key.certificate)["tbs_certificate"]["subject_public_key_info"].dump()
    assert gost.public_key(spki)
    algorithms.verify(
        LibGcrypt(), algorithms.load_key(spki), key.private_key.suite.signature_oid, b"text", key.sign(b"text")
    )


def test_departures_show_in_the_certificate() -> None:
    nca = shared_nca()
    expired = nca.issue(holder(), not_before=NOW.replace(year=2024), not_after=NOW.replace(year=2025))
    assert _parsed(expired.certificate).not_valid_after < NOW
    two = nca.issue(holder(), serial_numbers=[f"IIN{IIN}", "IIN123456789012"])
    assert [part for part in _parsed(two.certificate).subject.native if part == "serial_number"]
    assert isinstance(_parsed(two.certificate).subject.native["serial_number"], list)
    without = _parsed(nca.issue(holder(), key_usage=None, extended_key_usage=()).certificate)
    assert without.key_usage_value is None
    assert without.extended_key_usage_value is None
    mixed = nca.issue(holder(), algorithm="rsa")
    assert _parsed(mixed.certificate).public_key.algorithm == "rsa"
    forged = nca.issue(holder(), signed_by="same_name")
    assert forged.issuer == nca.ca.subject
    assert forged.chain[0] != nca.ca.certificate
    looks_real = MiniNca.make(NOW, is_test=False)
    assert "TEST" not in _parsed(looks_real.root.certificate).subject.human_friendly


def test_making_a_whole_nca_is_quick() -> None:
    began = monotonic()
    MiniNca.make(NOW)
    assert monotonic() - began < 1.5
