"""Private keys: the only place of the product that makes a GOST signature, and only for made-up people.

Byte orders as measured on the NCA's own certificates: SPKI holds an OCTET STRING with x and y, a signature holds r and
s, each little-endian; the digest is read as a little-endian number (RFC 7091 §6.1 with those orders).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from ecdsa.ellipticcurve import CurveFp, PointJacobi

from idp.cli.dev.nca import der
from idp.core.ids import random_bytes
from idp.eds.curves import CRYPTOPRO_A, TC26_512_A
from idp.eds.ecdsa_backend import EcdsaBackend
from idp.eds.errors import EdsOff
from idp.eds.libgcrypt import LibGcrypt
from idp.eds.ports import Backend, Curve

Mangle = Literal[
    "", "zero_r", "zero_s", "r_is_q", "r_too_big", "s_too_big", "rfc9215", "halves_swapped", "short", "long", "flipped"
]
"""Ways to spoil a signature; `rfc9215` is the right one in the octet order of RFC 9215."""
Point = Literal["", "off_curve", "zero", "x_too_big", "bare", "short", "long", "big_endian"]
"""Ways to spoil the public key in a certificate; `bare` leaves out the inner OCTET STRING."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Which algorithm goes with which: names as `eds.signed_by.SignedBy.algorithm` has them."""

    name: str
    signature_oid: str
    digest_oid: str
    digest: Callable[[bytes], bytes]
    cms_signature_oid: str
    """What SignerInfo names: the legacy put the OID of the key there."""


@lru_cache(maxsize=1)
def _hashing() -> Backend:
    try:
        return LibGcrypt()
    except EdsOff:
        return EcdsaBackend()


def streebog512(data: bytes) -> bytes:
    """GOST R 34.11-2012, 64 octets."""
    digest = _hashing().streebog512()
    digest.update(data)
    return digest.digest()


def gost94(data: bytes) -> bytes:
    """GOST R 34.11-94, 32 octets. Raises AlgorithmRefused without libgcrypt."""
    digest = _hashing().gost94()
    digest.update(data)
    return digest.digest()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


GOST2015 = Suite("gost2015", "1.2.398.3.10.1.1.2.3.2", "1.2.398.3.10.1.3.3", streebog512, "1.2.398.3.10.1.1.2.3.2")
GOST2004 = Suite("gost2004", "1.2.398.3.10.1.1.1.2", "1.2.398.3.10.1.3.1", gost94, "1.2.398.3.10.1.1.1.1")
RSA = Suite("rsa", "1.2.840.113549.1.1.11", "2.16.840.1.101.3.4.2.1", sha256, "1.2.840.113549.1.1.11")
SUITES = {suite.name: suite for suite in (GOST2015, GOST2004, RSA)}


@lru_cache
def _base(curve: Curve) -> PointJacobi:
    """The base point with its table of multiples."""
    return PointJacobi(CurveFp(curve.p, curve.a, curve.b, 1), curve.x, curve.y, 1, curve.q, generator=True)


class PrivateKey(Protocol):
    @property
    def suite(self) -> Suite: ...

    def spki(self, point: Point = "") -> bytes:
        """SubjectPublicKeyInfo in DER."""
        ...

    def key_bits(self) -> bytes:
        """What the BIT STRING of the SPKI holds: the SKI is SHA-1 of it."""
        ...

    def sign(self, data: bytes, mangle: Mangle = "") -> bytes: ...

    def dump(self) -> str: ...


class GostKey:
    """GOST R 34.10 in the profile of Kazakhstan: 512 bits since 2015, 256 bits in the legacy of 2004."""

    def __init__(self, suite: Suite, secret: int) -> None:
        self.suite = suite
        self._curve = TC26_512_A if suite is GOST2015 else CRYPTOPRO_A
        self._secret = secret
        public = _base(self._curve) * secret
        self._x, self._y = int(public.x()), int(public.y())

    @classmethod
    def make(cls, suite: Suite) -> GostKey:
        return cls(suite, _below(TC26_512_A.q if suite is GOST2015 else CRYPTOPRO_A.q))

    def key_bits(self) -> bytes:
        return der.octets(self._little(self._x) + self._little(self._y))

    def spki(self, point: Point = "") -> bytes:
        size, y = self._curve.size, self._little(self._y)
        right = self._little(self._x) + y
        bits = {
            "": der.octets(right),
            "off_curve": der.octets(right[:size] + self._little((self._y + 1) % self._curve.p)),
            "zero": der.octets(bytes(2 * size)),
            "x_too_big": der.octets(b"\xff" * size + y),
            "bare": right,
            "short": der.octets(right[:-1]),
            "long": der.octets(right + b"\0"),
            "big_endian": der.octets(right[:size][::-1] + y[::-1]),
        }[point]
        if self.suite is GOST2015:
            kind, parameters = "1.2.398.3.10.1.1.2.2", ("1.2.398.3.10.1.1.2.2.1", self.suite.digest_oid)
        else:
            kind, parameters = "1.2.398.3.10.1.1.1.1", ("1.2.398.3.10.1.1.1.1.1", "1.2.398.3.10.1.3.1.1.0")
        return der.sequence(der.sequence(der.oid(kind), der.sequence(*map(der.oid, parameters))), der.bits(bits))

    def sign(self, data: bytes, mangle: Mangle = "") -> bytes:
        """r and s, each as long as a coordinate, little-endian."""
        q = self._curve.q
        e = int.from_bytes(self.suite.digest(data), "little") % q or 1
        r = s = 0
        while not r or not s:
            k = _below(q)
            r = int((_base(self._curve) * k).x()) % q
            s = (r * self._secret + k * e) % q
        return self._spoilt(self._little(r), self._little(s), mangle)

    def _spoilt(self, r: bytes, s: bytes, mangle: Mangle) -> bytes:
        size = self._curve.size
        return {
            "": r + s,
            "zero_r": bytes(size) + s,
            "zero_s": r + bytes(size),
            "r_is_q": self._little(self._curve.q) + s,
            "r_too_big": b"\xff" * size + s,
            "s_too_big": r + b"\xff" * size,
            "rfc9215": (r + s)[::-1],
            "halves_swapped": s + r,
            "short": (r + s)[:-1],
            "long": r + s + b"\0",
            "flipped": _flip(r + s),
        }[mangle]

    def _little(self, value: int) -> bytes:
        return value.to_bytes(self._curve.size, "little")

    def dump(self) -> str:
        return f"{self.suite.name}:{self._secret:x}"


class RsaKey:
    suite = RSA

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    @classmethod
    def make(cls) -> RsaKey:
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    def key_bits(self) -> bytes:
        form = serialization.PublicFormat.PKCS1
        return self._key.public_key().public_bytes(serialization.Encoding.DER, form)

    def spki(self, point: Point = "") -> bytes:
        return der.sequence(der.algorithm("1.2.840.113549.1.1.1"), der.bits(self.key_bits()))

    def sign(self, data: bytes, mangle: Mangle = "") -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256."""
        signature = self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return {"short": signature[:-1], "long": signature + b"\0", "flipped": _flip(signature)}.get(mangle, signature)

    def sign_sha1(self, data: bytes) -> bytes:
        """As certificates were signed until SHA-1 was given up: to be refused."""
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303

    def dump(self) -> str:
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return f"rsa:{pem.decode()}"


def make_private_key(name: str) -> PrivateKey:
    """`gost2015`, `gost2004` (needs libgcrypt) or `rsa`."""
    return RsaKey.make() if name == RSA.name else GostKey.make(SUITES[name])


def load_private_key(dumped: str) -> PrivateKey:
    """Undoes `dump`."""
    name, _, text = dumped.partition(":")
    if name != RSA.name:
        return GostKey(SUITES[name], int(text, 16))
    key = serialization.load_pem_private_key(text.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return RsaKey(key)


def _below(q: int) -> int:
    """Uniform in 1..q-1: 64 surplus bits make the bias of the remainder negligible."""
    return int.from_bytes(random_bytes(72), "big") % (q - 1) + 1


def _flip(signature: bytes) -> bytes:
    return bytes((signature[0] ^ 1,)) + signature[1:]
