"""GOST R 34.10 as Kazakhstan encodes it: the only file that knows its byte orders and equations.

Measured on the NCA's published test material: coordinates, r, s and the digest are all little-endian, and a signature
is r and then s. RFC 9215 writes a signature as big-endian s and then r, that is, the same octets back to front.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from idp.eds import der
from idp.eds.curves import CRYPTOPRO_A, TC26_512_A, is_on
from idp.eds.errors import AlgorithmRefused, Malformed
from idp.eds.ports import Curve

_ALGORITHMS = {
    # key 1.2.398.3.10.1.1.2.2 with the parameter set 1.2.398.3.10.1.1.2.2.1 and the digest 1.2.398.3.10.1.3.3
    bytes.fromhex("302306092a830e030a010102023016060a2a830e030a010102020106082a830e030a010303"): TC26_512_A,
    # key 1.2.398.3.10.1.1.1.1 with the parameter set 1.2.398.3.10.1.1.1.1.1 and the digest 1.2.398.3.10.1.3.1.1.0
    bytes.fromhex("302506092a830e030a010101013018060a2a830e030a0101010101060a2a830e030a0103010100"): CRYPTOPRO_A,
}
"""AlgorithmIdentifier of a SubjectPublicKeyInfo, whole, so that no other parameters can slip in."""


@dataclass(frozen=True, slots=True)
class GostKey:
    """A public key: a point that lies on the curve."""

    curve: Curve
    x: int
    y: int


def algorithm_of(spki: bytes) -> bytes:
    """The AlgorithmIdentifier of a SubjectPublicKeyInfo as DER. Raises Malformed."""
    return _split(spki)[0]


def is_gost(spki: bytes) -> bool:
    """Whether a SubjectPublicKeyInfo names one of the NCA's two key algorithms with exactly its parameters."""
    return algorithm_of(spki) in _ALGORITHMS


def public_key(spki: bytes) -> GostKey:
    """Reads SubjectPublicKeyInfo: a BIT STRING around an OCTET STRING with x and y, each little-endian.

    Raises AlgorithmRefused for another key algorithm, parameters or a point off the curve, Malformed for lengths.
    """
    algorithm, bits = _split(spki)
    curve = _ALGORITHMS.get(algorithm)
    if curve is None:
        raise AlgorithmRefused("key algorithm or parameters not accepted", detail=algorithm.hex())
    octets = der.one(bits, der.OCTET_STRING)
    point = bits[octets.content : octets.end]
    if len(point) != 2 * curve.size:
        raise Malformed("public key of wrong length", detail=f"{len(point)} octets")
    x, y = (int.from_bytes(half, "little") for half in (point[: curve.size], point[curve.size :]))
    if not is_on(curve, x, y):
        raise AlgorithmRefused("public key is not on its curve")
    return GostKey(curve, x, y)


def key_bits(spki: bytes) -> bytes:
    """Content of the BIT STRING without its first octet: what key identifiers hash (RFC 5280 §4.2.1.2)."""
    return _split(spki)[1]


def split_signature(curve: Curve, signature: bytes) -> tuple[int, int]:
    """r and s. Raises Malformed unless the length is exact; the range of the numbers is for `holds`."""
    if len(signature) != 2 * curve.size:
        raise Malformed("signature of wrong length", detail=f"{len(signature)} octets")
    r, s = signature[: curve.size], signature[curve.size :]
    return int.from_bytes(r, "little"), int.from_bytes(s, "little")


def number_of(curve: Curve, digest: bytes) -> int:
    """The number e that is signed (RFC 7091 §6.1 step 2): the digest modulo q, and 1 in place of 0."""
    return int.from_bytes(digest, "little") % curve.q or 1


def is_sane(curve: Curve, public_key: tuple[int, int], r: int, s: int) -> bool:
    """What has to be refused before any arithmetic (RFC 7091 §6.2 step 1): foreign points, r or s not in 1..q-1."""
    return 0 < r < curve.q and 0 < s < curve.q and is_on(curve, *public_key)


def holds(curve: Curve, digest: bytes, r: int, s: int, x_of_sum: Callable[[int, int], int | None]) -> bool:
    """RFC 7091 §6.2 steps 3 to 7, for sane r and s.

    `x_of_sum(z1, z2)` is the x of z1·P + z2·Q, P the curve's base and Q the key; None for the point at infinity.
    """
    inverse = pow(number_of(curve, digest), -1, curve.q)
    x = x_of_sum(s * inverse % curve.q, -r * inverse % curve.q)
    return x is not None and x % curve.q == r


def _split(spki: bytes) -> tuple[bytes, bytes]:
    """The AlgorithmIdentifier and the key bits."""
    parts = der.children(spki, der.one(spki, der.SEQUENCE))
    if [part.tag for part in parts] != [der.SEQUENCE, der.BIT_STRING]:
        raise Malformed("not a SubjectPublicKeyInfo")
    algorithm, bits = parts
    if bits.content == bits.end or spki[bits.content] != 0:
        raise Malformed("key bits are not whole octets")
    return spki[algorithm.start : algorithm.end], spki[bits.content + 1 : bits.end]
