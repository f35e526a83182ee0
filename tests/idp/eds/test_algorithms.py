"""eds/algorithms: three lines in a table, and nothing beside them."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from idp.eds import algorithms
from idp.eds.algorithms import (
    GOST94,
    GOST2004_KEY,
    GOST2004_SIGNATURE,
    GOST2015_SIGNATURE,
    RSA_KEY,
    RSA_SHA256,
    SHA256_OID,
    STREEBOG512,
)
from idp.eds.curves import RFC7091_512
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import AlgorithmRefused, BadSignature, EdsOff, Malformed
from idp.eds.gost import GostKey
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.self_test_vectors import SIGNATURES
from tests.factories.nca import person_key

_SIGNED = b"what is signed"
_NAMES = {
    "gost2015": (STREEBOG512, {GOST2015_SIGNATURE}),
    "gost2004": (GOST94, {GOST2004_SIGNATURE, GOST2004_KEY}),
    "rsa": (SHA256_OID, {RSA_SHA256, RSA_KEY}),
}
_SHA1, _MD5, _SHA512 = "1.3.14.3.2.26", "1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.3"
_SHA1_RSA, _PSS, _RUSSIAN = "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.10", "1.2.643.7.1.1.3.3"
_DIGESTS = [STREEBOG512, GOST94, SHA256_OID, _SHA1, _MD5, _SHA512, "1.2.643.7.1.1.2.3", ""]
_SIGNATURES = [*(oid for _, oids in _NAMES.values() for oid in sorted(oids)), _SHA1_RSA, _PSS, _RUSSIAN, ""]
_KINDS = pytest.mark.parametrize("kind", list(_NAMES))


def _key(kind: str) -> algorithms.Key:
    return algorithms.load_key(person_key(kind).private_key.spki())


def _rsa_spki(bits: int, exponent: int = 65537) -> bytes:
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    key = rsa.RSAPublicNumbers(exponent, numbers.n).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@_KINDS
def test_of_all_mixtures_only_the_table_is_accepted(kind: str) -> None:
    key = _key(kind)
    digest_of_kind, signatures_of_kind = _NAMES[kind]
    for digest in _DIGESTS:
        for signature in _SIGNATURES:
            if digest == digest_of_kind and signature in signatures_of_kind:
                assert algorithms.suite_for(key, signature, digest, allow_legacy=True).kind == kind
                continue
            with pytest.raises(AlgorithmRefused):
                algorithms.suite_for(key, signature, digest, allow_legacy=True)


@_KINDS
def test_a_signature_of_each_kind_verifies_under_each_of_its_names(kind: str) -> None:
    signature = person_key(kind).sign(_SIGNED)
    for oid in _NAMES[kind][1]:
        algorithms.verify(LibGcrypt(), _key(kind), oid, _SIGNED, signature, allow_legacy=True)


@_KINDS
def test_a_signature_is_of_these_octets_and_of_this_key(kind: str) -> None:
    key, oid = _key(kind), min(_NAMES[kind][1])
    signature = person_key(kind).sign(_SIGNED)
    for signed, tried in ((_SIGNED + b"!", signature), (_SIGNED, signature[:-1] + bytes((signature[-1] ^ 1,)))):
        with pytest.raises(BadSignature):
            algorithms.verify(LibGcrypt(), key, oid, signed, tried, allow_legacy=True)
    with pytest.raises((BadSignature, Malformed)):
        algorithms.verify(LibGcrypt(), key, oid, _SIGNED, signature[:-1], allow_legacy=True)


@_KINDS
def test_long_octets_verify_by_a_running_digest(kind: str) -> None:
    key, oid = _key(kind), min(_NAMES[kind][1])
    running = algorithms.hasher(LibGcrypt(), algorithms.suite_for(key, oid, allow_legacy=True).digest)
    running.update(_SIGNED[:5])
    running.update(_SIGNED[5:])
    signature = person_key(kind).sign(_SIGNED)
    algorithms.verify_digest(LibGcrypt(), key, oid, running.digest(), signature, allow_legacy=True)
    with pytest.raises(BadSignature):
        algorithms.verify_digest(LibGcrypt(), key, oid, bytes(len(running.digest())), signature, allow_legacy=True)


def test_legacy_keys_are_refused_unless_allowed() -> None:
    signature = person_key("gost2004").sign(_SIGNED)
    with pytest.raises(AlgorithmRefused, match="legacy"):
        algorithms.verify(LibGcrypt(), _key("gost2004"), GOST2004_SIGNATURE, _SIGNED, signature)


def test_legacy_keys_are_refused_where_the_digest_is_missing() -> None:
    signature = person_key("gost2004").sign(_SIGNED)
    with pytest.raises(AlgorithmRefused):
        algorithms.verify(EcdsaBackend(), _key("gost2004"), GOST2004_SIGNATURE, _SIGNED, signature, allow_legacy=True)


def test_the_octet_orders_of_other_standards_do_not_verify() -> None:
    for order in ("rfc9215", "halves_swapped"):
        with pytest.raises(BadSignature):
            algorithms.verify(
                LibGcrypt(),
                _key("gost2015"),
                GOST2015_SIGNATURE,
                _SIGNED,
                person_key().private_key.sign(_SIGNED, order),
            )


def test_an_rsa_signature_with_another_digest_or_padding_does_not_verify() -> None:
    private = rsa.generate_private_key(65537, 2048)
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    for signature in (
        private.sign(_SIGNED, padding.PKCS1v15(), hashes.SHA1()),
        private.sign(_SIGNED, padding.PKCS1v15(), hashes.SHA512()),
        private.sign(_SIGNED, pss, hashes.SHA256()),
        b"",
    ):
        with pytest.raises(BadSignature):
            algorithms.verify(LibGcrypt(), private.public_key(), RSA_SHA256, _SIGNED, signature)


@pytest.mark.parametrize("bits", [2048, 4096])
def test_rsa_keys_of_an_accepted_size_load(bits: int) -> None:
    assert algorithms.kind_of(algorithms.load_key(_rsa_spki(bits))) == "rsa"


def test_other_keys_are_refused() -> None:
    curve_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    good = _rsa_spki(2048)
    for spki in (
        _rsa_spki(1024),
        curve_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        good.replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d01010a")),
        good[:24] + b"\x30\x00" + good[26:],
    ):
        with pytest.raises(AlgorithmRefused):
            algorithms.load_key(spki)


def test_a_key_on_the_example_curve_is_of_no_kind() -> None:
    with pytest.raises(AlgorithmRefused):
        algorithms.kind_of(GostKey(RFC7091_512, *SIGNATURES[0].public_key))


@pytest.mark.parametrize("oid", [_SHA1, _MD5, _SHA512, ""])
def test_other_digests_are_refused(oid: str) -> None:
    with pytest.raises(AlgorithmRefused):
        algorithms.digest(LibGcrypt(), oid, b"")


def test_what_a_library_cannot_hash_in_time_is_said_and_not_tried() -> None:
    backend = EcdsaBackend()
    too_long = bytes(backend.max_bytes + 1)
    with pytest.raises(EdsOff, match="65536"):
        algorithms.digest(backend, STREEBOG512, too_long)
    assert algorithms.digest(backend, SHA256_OID, too_long) == hashlib.sha256(too_long).digest()
