"""Our keys and the keys of others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import asn1crypto.keys
import asn1crypto.x509
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from idp.xml.errors import BadKey
from idp.xml.keys import Credential, generate, keys_for, kind_of, public_key, verifying_key
from tests.vectors.xml_keys import NOW, credential


@pytest.mark.parametrize(("algorithm", "kind"), [("rsa-sha256", "rsa"), ("ecdsa-sha256", "ecdsa")])
def test_a_generated_key_has_a_certificate_of_its_own(algorithm: str, kind: str) -> None:
    made = credential("idp", algorithm)
    certificate = x509.load_der_x509_certificate(made.certificate)
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == "CN=idp"
    assert certificate.not_valid_before_utc == NOW
    assert NOW.replace(year=2046) - certificate.not_valid_after_utc < timedelta(days=1)
    assert kind_of(public_key(made.certificate)) == kind_of(made.private_key) == kind
    assert b"PRIVATE" not in repr(made).encode()
    assert verifying_key(made.certificate) is verifying_key(made.certificate)


def test_a_key_is_parsed_once_for_all_threads() -> None:
    made = credential("idp")
    fresh = Credential(made.private_key_pem, made.certificate, made.algorithm)
    with ThreadPoolExecutor(8) as pool:
        numbers = {key.private_numbers().d for key in pool.map(lambda _: fresh.private_key, range(64))}  # type: ignore[union-attr]
    assert len(numbers) == 1
    assert fresh.private_key is fresh.private_key
    assert fresh.certificate_text is fresh.certificate_text


def test_key_certificate_and_algorithm_belong_together() -> None:
    ours, other, curve = credential("idp"), credential("sp"), credential("idp", "ecdsa-sha256")
    for pem, certificate in (
        (ours.private_key_pem, other.certificate),
        (curve.private_key_pem, curve.certificate),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ours.certificate),
    ):
        with pytest.raises(BadKey):
            _ = Credential(pem, certificate, "rsa-sha256").private_key
    with pytest.raises(BadKey):
        Credential(ours.private_key_pem, ours.certificate, "rsa-sha1")
    with pytest.raises(BadKey):
        generate("hs256", common_name="idp", now=NOW)


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(public_exponent=65537, key_size=1024),
        ec.generate_private_key(ec.SECP256K1()),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["rsa-1024", "secp256k1", "ed25519"],
)
def test_other_keys_are_refused_in_certificates(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
) -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "weak")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=1))
    signed = builder.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256())
    with pytest.raises(BadKey):
        public_key(signed.public_bytes(Encoding.DER))


def test_an_exponent_of_one_is_refused() -> None:
    """With it every message is its own signature."""
    certificate = asn1crypto.x509.Certificate.load(credential("idp").certificate)
    info = certificate["tbs_certificate"]["subject_public_key_info"]
    numbers = info["public_key"].parsed
    info["public_key"] = asn1crypto.keys.RSAPublicKey({"modulus": numbers["modulus"].native, "public_exponent": 1})
    with pytest.raises(BadKey):
        public_key(certificate.dump(force=True))


def test_a_certificate_that_cannot_be_read_hides_no_other() -> None:
    rsa_one, curve = credential("idp").certificate, credential("idp", "ecdsa-sha256").certificate
    assert keys_for("rsa", (b"junk", curve, rsa_one, b"", rsa_one)) == [rsa_one]
    assert keys_for("ecdsa", (b"junk", curve, rsa_one)) == [curve]
    assert keys_for("rsa", ()) == []


def test_a_certificate_of_no_version_of_x_509_is_refused_as_any_other() -> None:
    odd = credential("sp").certificate.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020105"))
    with pytest.raises(BadKey, match="cannot be read"):
        public_key(odd)
