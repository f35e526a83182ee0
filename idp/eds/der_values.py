"""What DER allows as content of the primitive universal types (X.690 §8, §11). Used by `der` only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

_MAX_OID = 64  # octets; asn1crypto's arithmetic on one endless arc is quadratic
_UTC_TIME = re.compile(rb"[0-9]{12}Z")
_GENERALIZED_TIME = re.compile(rb"([0-9]{14})(\.[0-9]{0,8}[1-9])?Z")


def _is_boolean(content: bytes) -> bool:
    return content in (b"\x00", b"\xff")


def _is_integer(content: bytes) -> bool:
    """Two's complement in as few octets as possible (X.690 §8.3.2)."""
    if len(content) < 2:
        return bool(content)
    return not ((content[0] == 0 and content[1] < 0x80) or (content[0] == 0xFF and content[1] >= 0x80))


def _is_bit_string(content: bytes) -> bool:
    """Unused bits are zero, and an empty string has none (X.690 §11.2.1)."""
    if not content or content[0] > 7:
        return False
    return content[0] == 0 if len(content) == 1 else content[-1] & ((1 << content[0]) - 1) == 0


def _is_null(content: bytes) -> bool:
    return not content


def _is_oid(content: bytes) -> bool:
    """Every arc ends and none is padded with 0x80 (X.690 §8.19.2)."""
    if not 0 < len(content) <= _MAX_OID or content[-1] & 0x80:
        return False
    starts = [0, *(place + 1 for place, octet in enumerate(content[:-1]) if octet < 0x80)]
    return all(content[place] != 0x80 for place in starts)


def _decodes_as(encoding: str) -> Callable[[bytes], bool]:
    def decodes(content: bytes) -> bool:
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            return False
        return True

    return decodes


def _is_utc_time(content: bytes) -> bool:
    """YYMMDDHHMMSSZ (X.690 §11.8); years from 50 on are of the 20th century (RFC 5280 §4.1.2.5.1)."""
    if not _UTC_TIME.fullmatch(content):
        return False
    return _is_moment((b"19" if content[0] >= ord("5") else b"20") + content[:12])


def _is_generalized_time(content: bytes) -> bool:
    """YYYYMMDDHHMMSS[.f]Z without trailing zeros (X.690 §11.7)."""
    found = _GENERALIZED_TIME.fullmatch(content)
    return found is not None and _is_moment(found[1])


def _is_moment(fourteen_digits: bytes) -> bool:
    try:
        datetime.strptime(fourteen_digits.decode("ascii") + "+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        return False
    return True


CHECKS: dict[int, Callable[[bytes], bool]] = {
    0x01: _is_boolean,
    0x02: _is_integer,
    0x03: _is_bit_string,
    0x05: _is_null,
    0x06: _is_oid,
    0x0A: _is_integer,
    0x0C: _decodes_as("utf-8"),
    0x12: _decodes_as("ascii"),
    0x13: _decodes_as("ascii"),
    0x16: _decodes_as("ascii"),
    0x17: _is_utc_time,
    0x18: _is_generalized_time,
    0x1A: _decodes_as("ascii"),
    0x1C: _decodes_as("utf-32-be"),
    0x1E: _decodes_as("utf-16-be"),
}
"""By universal tag number; types not listed have no content rule or are opaque."""
