"""Which key may sign with which digest under which name: a closed list, everything else is refused.

    kind        key                                  digest             signature
    gost2015    tc26 512-bit curve, parameter set A  Streebog-512       …1.1.2.3.2
    gost2004    CryptoPro-A, only where allowed      GOST R 34.11-94    …1.1.1.2, in a CMS also the key's …1.1.1.1
    rsa         2048 to 4096 bits                    SHA-256            sha256WithRSA, in a CMS also rsaEncryption

The kind comes from the certified key, never from the message; the message's names must then be the kind's own. SHA-1,
MD5, RSA-PSS, elliptic curves of other countries and every mixture are absent on purpose.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from idp.eds import gost
from idp.eds.curves import CRYPTOPRO_A, TC26_512_A
from idp.eds.errors import AlgorithmRefused, BadSignature, EdsOff
from idp.eds.gost import GostKey
from idp.eds.ports import Backend, Digest

Key = GostKey | RSAPublicKey

STREEBOG512 = "1.2.398.3.10.1.3.3"
GOST94 = "1.2.398.3.10.1.3.1"
SHA256_OID = "2.16.840.1.101.3.4.2.1"

GOST2015_SIGNATURE = "1.2.398.3.10.1.1.2.3.2"
GOST2004_SIGNATURE = "1.2.398.3.10.1.1.1.2"
GOST2004_KEY = "1.2.398.3.10.1.1.1.1"
RSA_SHA256 = "1.2.840.113549.1.1.11"
RSA_KEY = "1.2.840.113549.1.1.1"

MIN_RSA_BITS, MAX_RSA_BITS = 2048, 4096


@dataclass(frozen=True, slots=True)
class Suite:
    """One line of the table. `in_cms` are the names SignerInfo may use instead of the signature's own."""

    kind: str
    digest: str
    signature: str
    in_cms: str
    is_legacy: bool = False


SUITES = {
    suite.kind: suite
    for suite in (
        Suite("gost2015", STREEBOG512, GOST2015_SIGNATURE, GOST2015_SIGNATURE),
        Suite("gost2004", GOST94, GOST2004_SIGNATURE, GOST2004_KEY, is_legacy=True),
        Suite("rsa", SHA256_OID, RSA_SHA256, RSA_KEY),
    )
}
CERTIFICATE_SIGNATURES = frozenset(suite.signature for suite in SUITES.values())
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
"""AlgorithmIdentifier of RFC 3279 §2.3.1; RSASSA-PSS keys have another one."""
_CURVE_KINDS = {TC26_512_A: "gost2015", CRYPTOPRO_A: "gost2004"}


def load_key(spki: bytes) -> Key:
    """The key of a SubjectPublicKeyInfo. Raises AlgorithmRefused for any kind outside the table, Malformed."""
    if gost.is_gost(spki):
        return gost.public_key(spki)
    if gost.algorithm_of(spki) != _RSA_ENCRYPTION:
        raise AlgorithmRefused("key algorithm not accepted")
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise AlgorithmRefused("RSA key cannot be read", detail=str(error)[:200]) from error
    if not isinstance(key, RSAPublicKey) or not MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        raise AlgorithmRefused("RSA key of a size not accepted")
    if key.public_numbers().e < 3:  # with 1 every message is its own signature
        raise AlgorithmRefused("RSA exponent not accepted")
    return key


def kind_of(key: Key) -> str:
    """`gost2015`, `gost2004` or `rsa`. Raises AlgorithmRefused for a key on another curve."""
    if isinstance(key, RSAPublicKey):
        return "rsa"
    kind = _CURVE_KINDS.get(key.curve)
    if kind is None:
        raise AlgorithmRefused("curve not accepted", detail=key.curve.name)
    return kind


def suite_for(key: Key, signature_oid: str, digest_oid: str | None = None, *, allow_legacy: bool = False) -> Suite:
    """The one line of the table that fits all three names; `digest_oid` None when the message names no digest.

    Raises AlgorithmRefused, also for a legacy key where those are not allowed.
    """
    suite = SUITES[kind_of(key)]
    if suite.is_legacy and not allow_legacy:
        raise AlgorithmRefused("legacy algorithm", detail=suite.kind)
    if signature_oid not in (suite.signature, suite.in_cms) or digest_oid not in (None, suite.digest):
        raise AlgorithmRefused(
            "key, digest and signature do not belong together", detail=f"{suite.kind} {digest_oid} {signature_oid}"
        )
    return suite


def verify(
    backend: Backend, key: Key, signature_oid: str, signed: bytes, signature: bytes, *, allow_legacy: bool = False
) -> None:
    """Raises BadSignature unless `signature` over the octets `signed` is by `key`; AlgorithmRefused, Malformed."""
    suite = suite_for(key, signature_oid, allow_legacy=allow_legacy)
    _verify(backend, key, digest(backend, suite.digest, signed), signature)


def verify_digest(
    backend: Backend, key: Key, signature_oid: str, digested: bytes, signature: bytes, *, allow_legacy: bool = False
) -> None:
    """Like `verify` for octets too long to hold: `digested` comes from `hasher(backend, suite_for(…).digest)`."""
    suite_for(key, signature_oid, allow_legacy=allow_legacy)
    _verify(backend, key, digested, signature)


def hasher(backend: Backend, digest_oid: str) -> Digest:
    """A fresh running digest of an accepted algorithm. Raises AlgorithmRefused."""
    if digest_oid == STREEBOG512:
        return backend.streebog512()
    if digest_oid == GOST94:
        return backend.gost94()
    if digest_oid == SHA256_OID:
        return hashlib.sha256()
    raise AlgorithmRefused("digest not accepted", detail=digest_oid)


def digest(backend: Backend, digest_oid: str, data: bytes) -> bytes:
    """The digest in its standard octet order. Raises AlgorithmRefused, EdsOff when `data` is too long to hash here."""
    running = hasher(backend, digest_oid)
    if digest_oid != SHA256_OID and len(data) > backend.max_bytes:
        raise EdsOff(f"{backend.name} hashes at most {backend.max_bytes} octets")
    running.update(data)
    return running.digest()


def _verify(backend: Backend, key: Key, digested: bytes, signature: bytes) -> None:
    if isinstance(key, GostKey):
        r, s = gost.split_signature(key.curve, signature)
        if not backend.holds(key.curve, (key.x, key.y), digested, r, s):
            raise BadSignature("signature does not verify")
        return
    try:
        key.verify(signature, digested, padding.PKCS1v15(), Prehashed(SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise BadSignature("signature does not verify") from error
