"""Aggregates of a federation: tens of megabytes under one signature, read in one pass with bounded memory.

Canonical forms can be joined: the form of a document is the form of its pieces, each read inside the start tags that
are open around it, without what those start tags give. So every piece is read by the one parser, canonicalized by
libxml2 as everywhere else, and its record handed over from that very tree. Whatever the cuts are, only the octets that
were signed have the digest that was signed.

The signature stands first (SAML Metadata §2.3.1), so algorithms and key are settled before the first record is seen;
the digest is settled at the end.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from idp.xml import reference
from idp.xml.algorithms import ds
from idp.xml.canonical import canonical
from idp.xml.errors import BadSignature, NotWellFormed, TooLarge
from idp.xml.octets import verify_octets
from idp.xml.parser import Element, parse
from idp.xml.pieces import MAX_PIECE, Cutter, Open, Piece, end_tags
from idp.xml.reference import Reference

_READ = 64 * 1024
_MAX_ELEMENTS = 100_000


@dataclass(frozen=True, slots=True)
class Root:
    """The outermost element."""

    tag: str
    attributes: dict[str, str]


def read_signed(
    file: BinaryIO,
    certificates: Sequence[bytes] | None,
    record_tag: str,
    on_record: Callable[[Element], None],
    *,
    max_bytes: int,
) -> Root:
    """Hands every outermost `record_tag` to `on_record`, in order; returns the root when its signature holds.

    **Records are to be believed only when this returns**: the caller stages them, for BadSignature may come after the
    last one. Records may carry signatures of their own, which are text to this one. `certificates` (DER) None reads
    without looking at the signature. Raises TooLarge, NotWellFormed, Forbidden, BadSignature.
    """
    reading = _Reading(certificates, record_tag, on_record)
    cutter = Cutter(record_tag, reading.take)
    total = 0
    while data := file.read(_READ):
        total += len(data)
        if total > max_bytes:
            raise TooLarge("the document is too large", detail=f"more than {max_bytes} octets")
        cutter.feed(data)
    cutter.close()
    return reading.root()


class _Reading:
    """Reads pieces, keeps the digest of their canonical form."""

    def __init__(
        self, certificates: Sequence[bytes] | None, record_tag: str, on_record: Callable[[Element], None]
    ) -> None:
        self._certificates = certificates
        self._record = record_tag
        self._on_record = on_record
        self._root: Root | None = None
        self._reference: Reference | None = None
        self._digest = hashlib.sha256()
        self._around: tuple[tuple[Open, ...], bytes] = ((), b"")

    def take(self, piece: Piece) -> None:
        root = parse(piece.whole(), max_bytes=2 * MAX_PIECE, max_elements=_MAX_ELEMENTS)
        if self._root is None:
            self._root = Root(str(root.tag), {str(name): str(value) for name, value in root.attrib.items()})
            if self._certificates is not None:
                self._begin(root, self._certificates)
        if self._reference is not None:
            self._digest.update(self._form(root, piece, self._reference.transform.prefixes))
        if piece.has_record:
            self._on_record(self._record_in(root, len(piece.now)))

    def root(self) -> Root:
        """Raises BadSignature when what was read is not what was signed."""
        if self._root is None:
            raise NotWellFormed("not well-formed XML")
        if self._reference is not None and not hmac.compare_digest(self._digest.digest(), self._reference.digest_value):
            raise BadSignature("the signature does not hold")
        return self._root

    def _begin(self, root: Element, certificates: Sequence[bytes]) -> None:
        """Verifies SignedInfo, by the rules of `signature.verify`, and takes the signature out (enveloped)."""
        signature = root[0] if len(root) else None
        if signature is None or signature.tag != ds("Signature"):
            raise BadSignature("not signed")
        found = reference.read(signature, reference.identifier_of(root))
        form = canonical(found.signed_info, found.canonicalization.prefixes)
        verify_octets(form, found.signature_value, found.algorithm, certificates)
        root.text = (root.text or "") + (signature.tail or "")
        root.remove(signature)
        self._reference = found
        self._digest = hashlib.new(found.digest)

    def _form(self, root: Element, piece: Piece, prefixes: Sequence[str]) -> bytes:
        """What the piece adds to the canonical form."""
        if piece.before != self._around[0]:
            ends = end_tags(piece.before)
            outside = parse(b"".join(each.start for each in piece.before) + ends)
            self._around = (piece.before, canonical(outside, prefixes).removesuffix(ends))
        form, start, end = canonical(root, prefixes), self._around[1], end_tags(piece.now)
        if not form.startswith(start) or not form.endswith(end):
            raise NotWellFormed("the document cannot be read in pieces")
        return form[len(start) : len(form) - len(end)]

    def _record_in(self, root: Element, depth: int) -> Element:
        element = root
        for _ in range(depth):
            element = element[-1]
        if element.tag != self._record:
            raise NotWellFormed("the document cannot be read in pieces", detail=str(element.tag)[:200])
        return element
