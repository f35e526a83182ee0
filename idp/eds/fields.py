"""Times and extensions, as OCSP answers and revocation lists have them. The octets have passed `der.check` before."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from idp.eds.der import BOOLEAN, GENERALIZED_TIME, OCTET_STRING, SEQUENCE, UTC_TIME
from idp.eds.errors import Malformed
from idp.eds.structure import Structure


class Extension(NamedTuple):
    is_critical: bool
    value: bytes
    """What the extension's OCTET STRING holds."""


def moment(tag: int, content: bytes) -> datetime:
    """UTCTime or GeneralizedTime, to the second (RFC 5280 §4.1.2.5). Raises Malformed."""
    if tag == UTC_TIME:
        content = (b"19" if content[:1] >= b"5" else b"20") + content
    elif tag != GENERALIZED_TIME:
        raise Malformed("a time expected", detail=f"{tag:#04x}")
    try:
        digits = content[:14].decode("ascii")
        parts = (int(digits[at:to]) for at, to in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14)))
        return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # six numbers
    except ValueError as error:
        raise Malformed("no moment", detail=str(error)) from error


def next_moment(structure: Structure) -> datetime:
    """The next element, a time of either kind. Raises Malformed."""
    tag = UTC_TIME if structure.has(UTC_TIME) else GENERALIZED_TIME
    return moment(tag, structure.content(tag))


def extensions(listed: Structure, *, known: frozenset[str]) -> dict[str, Extension]:
    """Extensions by dotted identifier (RFC 5280 §4.2).

    Raises Malformed for one that comes twice, and for a critical one outside `known`.
    """
    found: dict[str, Extension] = {}
    while listed.has(SEQUENCE):
        one = listed.nested(SEQUENCE, "Extension")
        name = one.oid()
        is_critical = one.has(BOOLEAN) and one.content(BOOLEAN) != b"\0"
        if name in found:
            raise Malformed("an extension comes twice", detail=name)
        if is_critical and name not in known:
            raise Malformed("a critical extension that is not understood", detail=name)
        found[name] = Extension(is_critical, one.content(OCTET_STRING))
        one.end()
    listed.end()
    return found


def whole_octets(content: bytes) -> bytes:
    """Of a BIT STRING, which holds whole octets when it is a signature. Raises Malformed."""
    if content[:1] != b"\0":
        raise Malformed("bits that fill no octets")
    return content[1:]
