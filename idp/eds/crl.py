"""Revocation lists of about 20 MB, read where they lie (RFC 5280 §5): no entry becomes an object that stays.

`read` believes a list only whole: its signature is verified over the octets, hashed piece by piece, before `entries`
gives the first of them. The octets are those of a mapped file; nothing of the size of the list is copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idp.eds import algorithms, fields
from idp.eds.certificate import Certificate
from idp.eds.der import BIT_STRING, ENUMERATED, INTEGER, SEQUENCE, UTC_TIME, check, children, header, one
from idp.eds.der import Tlv as Element
from idp.eds.errors import EdsOff, Expired, Malformed, NotYetValid, Untrusted, WrongUse
from idp.eds.ports import Backend
from idp.eds.structure import Structure, content, structure

Entry = tuple[int, int, int]
"""Serial number, seconds since 1970, reason (RFC 5280 §5.3.1; 0 when none is given)."""

REMOVE_FROM_CRL = 8
MAX_SERIAL = 1 << 160
SKEW = timedelta(minutes=5)
_NUMBER, _DELTA, _REASON = "2.5.29.20", "2.5.29.27", "2.5.29.21"
_REASONS = frozenset((*range(7), 8, 9, 10))
_MAX_NUMBER = 1 << 63
_SMALL = 16_384
"""Octets that any part but the entries may take."""
_PIECE = 1 << 18
_USUAL = re.compile(
    rb"\x30\x33\x02\x14([\x01-\x7f].{19})\x17\x0d([0-9]{12})Z\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01"
    rb"([\x00-\x06\x09\x0a])",
    re.DOTALL,
)
"""How the NCA writes nearly every entry. One match in place of eight headers: a list of 20 MB in seconds."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list whose signature holds. Its octets must stay open while `entries` runs."""

    number: int
    base_number: int | None
    """Of the base a delta adds to; None for a base."""
    this_update: datetime
    next_update: datetime
    _octets: memoryview = field(repr=False)
    _listed: Element | None = field(repr=False)

    def entries(self) -> Iterator[Entry]:
        """In the order of the list. Raises Malformed at the first entry that is not well-formed."""
        if self._listed is None:
            return
        seconds = _Seconds()
        at, end = self._listed.content, self._listed.end
        while at < end:
            usual = _USUAL.match(self._octets, at, end)
            if usual is not None:
                serial, revoked_at, reason = usual.groups()
                yield int.from_bytes(serial, "big"), seconds.of(revoked_at), reason[0]
                at = usual.end()
            else:
                element = header(self._octets, at, end)
                yield _entry(_small(self._octets, element), is_delta=self.base_number is not None)
                at = element.end


def issuer_name(octets: memoryview) -> bytes:
    """DER Name of whoever a list says it is from. Nothing is believed yet. Raises Malformed."""
    return _parts(octets).issuer


def read(
    octets: memoryview, issuer: Certificate, *, at: datetime, backend: Backend, allow_legacy: bool = False
) -> RevocationList:
    """Raises Malformed, Untrusted (another issuer), WrongUse, NotYetValid, Expired, BadSignature, AlgorithmRefused;
    EdsOff where the backend is too slow for lists."""
    if len(octets) > backend.max_bytes:
        raise EdsOff(f"{backend.name} hashes at most {backend.max_bytes} octets: a list needs libgcrypt")
    parts = _parts(octets)
    if parts.issuer != issuer.subject:
        raise Untrusted("a list of another authority")
    if not issuer.is_ca or "crl_sign" not in issuer.key_usage:
        raise WrongUse("this authority may not publish lists")
    if parts.this_update > at + SKEW:
        raise NotYetValid("a list from the future")
    if parts.next_update < at:
        raise Expired("the list is past its next update", detail=parts.next_update.isoformat())
    digest = algorithms.hasher(
        backend, algorithms.suite_for(issuer.key, parts.signature_oid, allow_legacy=allow_legacy).digest
    )
    for start in range(parts.tbs.start, parts.tbs.end, _PIECE):
        digest.update(bytes(octets[start : min(start + _PIECE, parts.tbs.end)]))
    algorithms.verify_digest(
        backend, issuer.key, parts.signature_oid, digest.digest(), parts.signature, allow_legacy=allow_legacy
    )
    return RevocationList(parts.number, parts.base_number, parts.this_update, parts.next_update, octets, parts.listed)


@dataclass(frozen=True, slots=True)
class _Parts:
    tbs: Element
    issuer: bytes
    this_update: datetime
    next_update: datetime
    listed: Element | None
    number: int
    base_number: int | None
    signature_oid: str
    signature: bytes


def _parts(octets: memoryview) -> _Parts:
    """Everything but the entries, whose octets are stepped over."""
    outer = children(octets, one(octets, SEQUENCE))
    if len(outer) != 3:
        raise Malformed("not a CertificateList")
    inner = children(octets, outer[0])
    listed = inner[5] if len(inner) == 7 and inner[5].tag == SEQUENCE else None
    head = _without(octets, [part for part in inner if part is not listed])
    tail = _without(octets, outer[1:])
    if head.integer() != 1:
        raise Malformed("not a list of version 2")
    # The NCA's current list leaves NULL out inside and has it outside: names are compared, not octets.
    signature_oid = head.algorithm()
    if tail.algorithm() != signature_oid:
        raise Malformed("inner and outer signature algorithms differ")
    signature = fields.whole_octets(tail.content(BIT_STRING))
    tail.end()
    issuer, this_update, next_update = head.whole(SEQUENCE), fields.next_moment(head), fields.next_moment(head)
    number, base_number = _numbers(head.nested(0xA0, "crlExtensions"))
    head.end()
    return _Parts(outer[0], issuer, this_update, next_update, listed, number, base_number, signature_oid, signature)


def _without(octets: memoryview, parts: Sequence[Element]) -> Structure:
    """These parts as if nothing else had stood beside them. Raises Malformed when one is large or no DER."""
    found = b"".join(_small(octets, part) for part in parts)
    return Structure(found, Element(SEQUENCE, 0, 0, len(found)), "CertificateList")


def _small(octets: memoryview, element: Element) -> bytes:
    if element.end - element.start > _SMALL:
        raise Malformed("a part of the list is oversized", detail=f"{element.tag:#04x} at {element.start}")
    return check(bytes(octets[element.start : element.end]))


def _numbers(tagged: Structure) -> tuple[int, int | None]:
    """cRLNumber, which every list has, and BaseCRLNumber, which makes it a delta (RFC 5280 §5.2.3, §5.2.4).

    Any other critical extension is refused, above all issuingDistributionPoint: such a list covers only some
    certificates.
    """
    found = fields.extensions(tagged.nested(SEQUENCE, "crlExtensions"), known=frozenset((_NUMBER, _DELTA)))
    tagged.end()
    if _NUMBER not in found:
        raise Malformed("a list without a number")
    number = _number(found[_NUMBER].value)
    return number, _number(found[_DELTA].value) if _DELTA in found else None


def _number(der: bytes) -> int:
    number = int.from_bytes(content(check(der), one(der, INTEGER)), "big", signed=True)
    if not 0 <= number < _MAX_NUMBER:
        raise Malformed("a number out of range")
    return number


def _entry(der: bytes, *, is_delta: bool) -> Entry:
    """An entry of any shape, strictly. A critical certificateIssuer would make it one of another authority."""
    parts = structure(der, SEQUENCE, "entry")
    serial = parts.integer()
    if not 0 <= serial < MAX_SERIAL:
        raise Malformed("a serial number out of range")
    revoked_at = fields.next_moment(parts)
    found: dict[str, fields.Extension] = {}
    if parts.has(SEQUENCE):
        found = fields.extensions(parts.nested(SEQUENCE, "crlEntryExtensions"), known=frozenset((_REASON,)))
    parts.end()
    reason = 0
    if _REASON in found:
        value = check(found[_REASON].value)
        reason = int.from_bytes(content(value, one(value, ENUMERATED)), "big")
    if reason not in _REASONS:
        raise Malformed("a reason that does not exist", detail=str(reason))
    if reason == REMOVE_FROM_CRL and not is_delta:
        raise Malformed("only a delta removes")
    return serial, int(revoked_at.timestamp()), reason


class _Seconds:
    """Seconds since 1970 of twelve digits; days come again and again, so each is calculated once."""

    def __init__(self) -> None:
        self._days: dict[bytes, int] = {}

    def of(self, digits: bytes) -> int:
        day = self._days.get(digits[:6])
        if day is None:
            day = int(fields.moment(UTC_TIME, digits[:6] + b"000000Z").timestamp())
            self._days[digits[:6]] = day
        hour, minute, second = int(digits[6:8]), int(digits[8:10]), int(digits[10:])
        if hour > 23 or minute > 59 or second > 59:
            raise Malformed("no moment", detail=digits.decode())
        return day + hour * 3600 + minute * 60 + second
