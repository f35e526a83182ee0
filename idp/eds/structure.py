"""Reading a structure field by field, in order, leaving nothing over: what is not expected is refused, not skipped.

For what strangers send (CMS, timestamp tokens). A lenient reader ignores what it does not know, and what is ignored
can be changed by anyone without the signature noticing. The octets have passed `der.check` before.
"""

from __future__ import annotations

from datetime import UTC, datetime

from idp.eds import der
from idp.eds.der import Tlv
from idp.eds.errors import Malformed


class Structure:
    """The elements directly inside a constructed one. `of` names the structure in refusals."""

    def __init__(self, data: bytes, parent: Tlv, of: str) -> None:
        self._data = data
        self._of = of
        self._left = der.children(data, parent)
        self._left.reverse()

    def has(self, tag: int) -> bool:
        """Whether the next element has this tag."""
        return bool(self._left) and self._left[-1].tag == tag

    def take(self, tag: int) -> Tlv:
        """The next element, which must have this tag. Raises Malformed."""
        found = self.optional(tag)
        if found is None:
            raise Malformed(f"{self._of} lacks a part", detail=f"tag {tag:#04x} expected")
        return found

    def optional(self, tag: int) -> Tlv | None:
        """The next element when it has this tag, else None and nothing is taken."""
        return self._left.pop() if self.has(tag) else None

    def end(self) -> None:
        """Raises Malformed when anything is left."""
        if self._left:
            raise Malformed(f"{self._of} holds more than it may", detail=f"tag {self._left[-1].tag:#04x}")

    def nested(self, tag: int, of: str) -> Structure:
        """What is inside the next element, which must have this tag. Raises Malformed."""
        return Structure(self._data, self.take(tag), of)

    def whole(self, tag: int) -> bytes:
        """The next element with its header. Raises Malformed."""
        return whole(self._data, self.take(tag))

    def content(self, tag: int) -> bytes:
        """The content octets of the next element. Raises Malformed."""
        return content(self._data, self.take(tag))

    def integer(self) -> int:
        return int.from_bytes(self.content(der.INTEGER), "big", signed=True)

    def oid(self) -> str:
        """The next element, an OBJECT IDENTIFIER, dotted. Raises Malformed."""
        return dotted(self.content(der.OID))

    def moment(self) -> datetime:
        """The next element, a GeneralizedTime, its fraction cut off. Raises Malformed."""
        digits = self.content(der.GENERALIZED_TIME)[:14].decode("ascii")
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)

    def algorithm(self) -> str:
        """The OID of an AlgorithmIdentifier whose parameters are absent or NULL. Raises Malformed."""
        inside = self.nested(der.SEQUENCE, "AlgorithmIdentifier")
        named = inside.oid()
        inside.optional(der.NULL)
        inside.end()
        return named


def structure(data: bytes, tag: int, of: str) -> Structure:
    """What is inside `data`, which is one element with this tag. Raises Malformed."""
    return Structure(data, der.one(data, tag), of)


def whole(data: bytes, element: Tlv) -> bytes:
    """Header and content."""
    return data[element.start : element.end]


def content(data: bytes, element: Tlv) -> bytes:
    return data[element.content : element.end]


def dotted(octets: bytes) -> str:
    """An OBJECT IDENTIFIER's content as text (X.690 §8.19); `der.check` has seen that every arc ends."""
    arcs = [0]
    for octet in octets:
        arcs[-1] = arcs[-1] << 7 | octet & 0x7F
        if octet < 0x80:
            arcs.append(0)
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:-1])))
