"""Writing DER by hand (X.690): no builder signs with Kazakhstan's algorithms, and broken shapes need free octets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

INDEFINITE = b"\x80"


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element: tag octet, definite length, the parts joined."""
    content = b"".join(parts)
    return bytes((tag,)) + _length(len(content)) + content


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def indefinite(tag: int, *parts: bytes) -> bytes:
    """The BER form that DER forbids: end marked by two zero octets."""
    return bytes((tag,)) + INDEFINITE + b"".join(parts) + b"\0\0"


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(parts: Iterable[bytes]) -> bytes:
    """Sorted, as DER wants a SET OF (X.690 §11.6)."""
    return tlv(0x31, *sorted(parts))


def explicit(number: int, *parts: bytes) -> bytes:
    """`[number]` around the parts; also an IMPLICIT constructed type, whose content the parts are."""
    return tlv(0xA0 | number, *parts)


def implicit(number: int, content: bytes) -> bytes:
    """`[number]` in place of a primitive type's own tag."""
    return tlv(0x80 | number, content)


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def enumerated(value: int) -> bytes:
    return tlv(0x0A, value.to_bytes(1, "big"))


def boolean(value: bool) -> bytes:
    return tlv(0x01, b"\xff" if value else b"\0")


def null() -> bytes:
    return tlv(0x05)


def octets(content: bytes) -> bytes:
    return tlv(0x04, content)


def bits(content: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes((unused,)), content)


def text(value: str) -> bytes:
    return tlv(0x0C, value.encode())


def printable(value: str) -> bytes:
    """PrintableString; UTF8String where the value would not fit, so that look-alike digits can be written."""
    return tlv(0x13, value.encode()) if value.isascii() else text(value)


def ia5(value: str) -> bytes:
    return tlv(0x16, value.encode("ascii"))


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(0x06, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(arc: int) -> bytes:
    octets_ = [arc & 0x7F]
    while arc := arc >> 7:
        octets_.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets_))


def generalized(moment: datetime) -> bytes:
    return tlv(0x18, moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def time(moment: datetime) -> bytes:
    """UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5)."""
    if moment.year >= 2050:
        return generalized(moment)
    return tlv(0x17, moment.astimezone(UTC).strftime("%y%m%d%H%M%SZ").encode())


def algorithm(dotted: str, *, with_null: bool = True) -> bytes:
    """AlgorithmIdentifier; the NCA writes NULL parameters, its current CRL leaves them out once."""
    return sequence(oid(dotted), null() if with_null else b"")
