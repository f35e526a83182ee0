"""The gate before every ASN.1 parser: only DER of bearable size and depth passes (X.690 §8, §10, §11).

BER lets one signed value have many encodings, and parsers that disagree on them can be shown different documents
under one signature. `check` walks the octets once, without recursion; asn1crypto reads what has passed.
Octets inside an OCTET or BIT STRING are not walked: whoever parses those passes them through `check` again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from idp.eds.der_values import CHECKS
from idp.eds.errors import Malformed

MAX_DEPTH = 32
MAX_BYTES = 65_536
"""What callers allow for a CMS or a certificate; an answer from the NCA may be larger and says so."""

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED, UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x0A, 0x17, 0x18, 0x30, 0x31

Octets = bytes | memoryview

_CONSTRUCTED = 0x20
_ALWAYS_CONSTRUCTED = frozenset((0x08, 0x0B, 0x10, 0x11))  # EXTERNAL, EMBEDDED PDV, SEQUENCE, SET


class Tlv(NamedTuple):
    """One element as offsets into the octets it was read from: the header at `start`, the content up to `end`."""

    tag: int
    """The identifier octet: class, constructed bit and number."""
    start: int
    content: int
    end: int


def check(data: bytes, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Returns `data` when it is exactly one DER element. Raises Malformed. Costs one pass whatever is inside."""
    if not data or len(data) > max_bytes:
        raise Malformed("no DER of bearable size", detail=f"{len(data)} octets, {max_bytes} allowed")
    at, size = 0, len(data)
    open_ends: list[int] = []
    in_set: list[Tlv | bool | None] = []  # False outside a SET, else its last element
    while True:
        element = header(data, at, open_ends[-1] if open_ends else size)
        _check_universal(data, element)
        if in_set and in_set[-1] is not False:
            _check_order(data, in_set[-1], element)
            in_set[-1] = element
        if element.tag & _CONSTRUCTED:
            if len(open_ends) == MAX_DEPTH:
                raise Malformed("nested too deep")
            open_ends.append(element.end)
            in_set.append(None if element.tag == SET else False)
            at = element.content
        else:
            at = element.end
        while open_ends and at == open_ends[-1]:
            open_ends.pop()
            in_set.pop()
        if not open_ends:
            break
    if at != size:
        raise Malformed("octets after the end")
    return data


def header(data: Octets, at: int, limit: int) -> Tlv:
    """The element that begins at `at` and must end at or before `limit`. Raises Malformed.

    Lengths are definite and minimal (X.690 §10.1). Tag numbers above 30 occur in nothing we read and are refused.
    """
    if at + 2 > limit:
        raise Malformed("cut off")
    tag, length = data[at], data[at + 1]
    content = at + 2
    if tag & 0x1F == 0x1F or tag == 0:
        raise Malformed("tag not accepted", detail=f"{tag:#04x} at {at}")
    if length > 0x7F:
        octets = length & 0x7F
        content += octets
        if not 1 <= octets <= 4 or content > limit:
            raise Malformed("indefinite or oversized length", detail=f"at {at}")
        length = int.from_bytes(data[at + 2 : content], "big")
        if length < 0x80 or length >> (8 * (octets - 1)) == 0:
            raise Malformed("length not minimal", detail=f"at {at}")
    end = content + length
    if end > limit:
        raise Malformed("cut off", detail=f"at {at}")
    return Tlv(tag, at, content, end)


def items(data: Octets, start: int, end: int) -> Iterator[Tlv]:
    """The elements side by side between two offsets; nothing inside them is looked at. Raises Malformed.

    Works on a memoryview of a file as well: it reads three to six octets an element and copies none.
    """
    while start < end:
        element = header(data, start, end)
        yield element
        start = element.end


def one(data: Octets, tag: int) -> Tlv:
    """The only element of `data`, which must have this tag. Raises Malformed."""
    element = header(data, 0, len(data))
    if element.tag != tag or element.end != len(data):
        raise Malformed("another element expected", detail=f"{element.tag:#04x} instead of {tag:#04x}")
    return element


def children(data: Octets, parent: Tlv) -> list[Tlv]:
    """The elements directly inside a constructed one. Raises Malformed."""
    if not parent.tag & _CONSTRUCTED:
        raise Malformed("not constructed", detail=f"{parent.tag:#04x} at {parent.start}")
    return list(items(data, parent.content, parent.end))


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Around every use of asn1crypto objects: it parses lazily, so any access may fail. Raises Malformed instead."""
    try:
        yield
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        raise Malformed(f"not a well-formed {what}", detail=f"{type(error).__name__}: {error}"[:200]) from error


def _check_universal(data: bytes, element: Tlv) -> None:
    if element.tag & 0xC0:
        return
    number = element.tag & 0x1F
    if (number in _ALWAYS_CONSTRUCTED) != bool(element.tag & _CONSTRUCTED):
        raise Malformed("constructed string or primitive sequence", detail=f"{element.tag:#04x} at {element.start}")
    is_valid = CHECKS.get(number)
    if is_valid is not None and not is_valid(data[element.content : element.end]):
        raise Malformed("value not in DER", detail=f"{element.tag:#04x} at {element.start}")


def _check_order(data: bytes, last: Tlv | bool | None, element: Tlv) -> None:
    """X.690 §11.6. Elements delimit themselves, so none is a prefix of another and plain comparison is the order."""
    if isinstance(last, Tlv) and data[last.start : last.end] > data[element.start : element.end]:
        raise Malformed("set not in order", detail=f"at {element.start}")
