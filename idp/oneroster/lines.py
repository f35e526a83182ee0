"""Bytes into CSV rows, never holding more than one row: UTF-8 only, comma only, 64 KiB a line at most."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from idp.oneroster.errors import Problems

MAX_LINE = 64 << 10
_MAX_LINES_A_ROW = 64


class _Lines:
    """Decodes line by line. `readline(limit)` is what keeps a 10 MB line out of memory."""

    def __init__(self, stream: BinaryIO, file: str, problems: Problems) -> None:
        self._stream = stream
        self._file = file
        self._problems = problems
        self.number = 0
        self.row_began = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self._stream.readline(MAX_LINE + 1)
        if not data:
            raise StopIteration
        self.number += 1
        if len(data) > MAX_LINE or self.number - self.row_began > _MAX_LINES_A_ROW:
            raise self._problems.fatal("line_too_long", self._file, self.number)
        if self.number == 1:
            if data.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise self._problems.fatal("encoding", self._file, 1, value="UTF-16")
            data = data.removeprefix(b"\xef\xbb\xbf")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise self._problems.fatal("encoding", self._file, self.number, value=_guess(data)) from None
        if "\x00" in text:
            code = "encoding" if self.number == 1 else "nul"
            raise self._problems.fatal(code, self._file, self.number, value="UTF-16")
        return text


def _guess(data: bytes) -> str:
    """Cyrillic in Windows-1251 is bytes from 0xC0; anything else stays unnamed."""
    high = [byte for byte in data if byte >= 0x80]
    cyrillic = sum(byte >= 0xC0 for byte in high)
    return "Windows-1251" if cyrillic * 2 > len(high) else "?"


def rows(stream: BinaryIO, file: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yields (number of the line the row begins on, cells), the header first; empty lines are passed over.

    Raises Unreadable at the first line that cannot be read.
    """
    lines = _Lines(stream, file, problems)
    reader = csv.reader(lines, strict=True)
    while True:
        began = lines.row_began = lines.number
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "line_too_long" if "field limit" in str(error) else "csv_broken"
            raise problems.fatal(code, file, began + 1, value=str(error)) from None
        if cells:
            yield began + 1, cells
