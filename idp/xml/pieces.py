"""Cuts a document that is too long to be held into pieces, one after each record.

expat finds the places and nothing else: what a piece says is read by the one parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from idp.xml.errors import Forbidden, NotWellFormed, TooLarge

MAX_PIECE = 4 * 1024 * 1024
_MAX_DEPTH = 64
_START_TAG = re.compile(rb"<([^\"'>/ \t\r\n]++)(?:\"[^\"]*+\"|'[^']*+'|[^\"'>]++)*+>")


@dataclass(frozen=True, slots=True)
class Open:
    """An element that is not over yet: its name and its start tag as they stand in the document."""

    name: bytes
    start: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Some octets of the document: they begin inside the elements `before` and end inside the elements `now`."""

    octets: bytes
    before: tuple[Open, ...]
    now: tuple[Open, ...]
    has_record: bool
    """Whether the last thing in it is a record."""

    def whole(self) -> bytes:
        """The piece as a document of its own."""
        return b"".join((*(each.start for each in self.before), self.octets, end_tags(self.now)))


def end_tags(elements: tuple[Open, ...]) -> bytes:
    return b"".join(b"</%b>" % each.name for each in reversed(elements))


class Cutter:
    """Takes the document as it comes; gives each piece to `take` as soon as it is complete."""

    def __init__(self, record_tag: str, take: Callable[[Piece], None]) -> None:
        self._take = take
        self._record = record_tag.removeprefix("{")
        self._record_end = 0
        self._buffer = bytearray()
        self._offset = 0
        self._open: list[Open] = []
        self._before: tuple[Open, ...] = ()
        self._parser = expat.ParserCreate("utf-8", "}")
        self._parser.StartDoctypeDeclHandler = _refuse_document_type
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, data: bytes) -> None:
        """Raises NotWellFormed, Forbidden for a document type or depth, TooLarge for a piece, what `take` raises."""
        self._buffer += data
        self._parse(data, is_last=False)
        if len(self._buffer) > MAX_PIECE:
            raise TooLarge("a part of the document is too large")

    def close(self) -> None:
        """Gives the rest, when there is any. Raises the same."""
        self._parse(b"", is_last=True)
        if self._before or not self._offset:
            self._cut(len(self._buffer), has_record=False)

    def _parse(self, data: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            raise NotWellFormed("not well-formed XML", detail=str(error)[:200]) from error

    def _start(self, name: str, _: dict[str, str]) -> None:
        """Is not called inside a record; a record in a record ends the outer one early, which is then not XML."""
        found = _START_TAG.match(self._buffer, self._parser.CurrentByteIndex - self._offset)
        if found is None:
            raise NotWellFormed("not well-formed XML", detail="a start tag that only expat understands")
        if name == self._record:
            self._parser.StartElementHandler = None
            self._record_end = found.end() if found[0].endswith(b"/>") else 0
            return
        self._open.append(Open(bytes(found[1]), bytes(found[0])))
        if len(self._open) > _MAX_DEPTH:
            raise Forbidden("the document is nested too deeply")

    def _end(self, name: str) -> None:
        if self._parser.StartElementHandler is not None:
            self._open.pop()
        elif name == self._record:
            self._parser.StartElementHandler = self._start
            end = self._record_end
            if not end:
                end = self._buffer.index(b">", self._parser.CurrentByteIndex - self._offset) + 1
            self._cut(end, has_record=True)

    def _cut(self, end: int, *, has_record: bool) -> None:
        piece = Piece(bytes(self._buffer[:end]), self._before, tuple(self._open), has_record)
        del self._buffer[:end]
        self._offset += end
        self._before = piece.now
        self._take(piece)


def _refuse_document_type(*_: object) -> None:
    raise Forbidden("document types are refused")
