"""XML Schema's simple types as SAML messages use them. Reading raises ValueError."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SPACE = " \t\r\n"
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", re.ASCII)
_SHORT = re.compile(r"\+?0*(\d{1,5})", re.ASCII)
_NCNAME = re.compile(r"[^\W\d][\w.-]{0,127}")


def boolean(text: str | None, *, default: bool = False) -> bool:
    """xs:boolean in its four spellings, `default` for None."""
    if text is None:
        return default
    if (word := text.strip(_SPACE)) not in _BOOLEANS:
        raise ValueError("not an xs:boolean")
    return _BOOLEANS[word]


def unsigned_short(text: str | None) -> int | None:
    """xs:unsignedShort, None for None."""
    if text is None:
        return None
    found = _SHORT.fullmatch(text.strip(_SPACE))
    if not found or int(found[1]) > 0xFFFF:
        raise ValueError("not an xs:unsignedShort")
    return int(found[1])


def instant(text: str | None) -> datetime:
    """xs:dateTime, which SAML has in UTC only (Core §1.3.3); digits beyond microseconds are cut off."""
    found = _INSTANT.fullmatch((text or "").strip(_SPACE))
    if not found:
        raise ValueError("not an xs:dateTime in UTC")
    micros = int((found[2] or "")[:6].ljust(6, "0"))
    return datetime.fromisoformat(found[1]).replace(microsecond=micros, tzinfo=UTC)


def identifier(text: str | None) -> str:
    """xs:ID, an NCName (Core §1.3.4) of at most 128 characters."""
    if text is None or not _NCNAME.fullmatch(text):
        raise ValueError("not an xs:ID")
    return text
