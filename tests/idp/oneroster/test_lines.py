"""Bytes that are no UTF-8 CSV are refused at the line where that shows."""

from __future__ import annotations

import io
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idp.oneroster.errors import Problems, Unreadable
from idp.oneroster.lines import MAX_LINE, rows


def _rows(data: bytes) -> list[tuple[int, list[str]]]:
    return list(rows(io.BytesIO(data), "users.csv", Problems()))


def _refusal(stream: BinaryIO) -> tuple[str, int, str]:
    problems = Problems()
    with pytest.raises(Unreadable):
        list(rows(stream, "users.csv", problems))
    return problems.items[-1].code, problems.items[-1].line, problems.items[-1].value


def test_a_byte_order_mark_is_no_part_of_the_first_column() -> None:
    assert _rows(b"\xef\xbb\xbfa,b\r\n1,2\r\n") == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    assert _rows(b'a,b\n\n"x\ny",2\n3,4\n') == [(1, ["a", "b"]), (3, ["x\ny", "2"]), (5, ["3", "4"])]


def test_windows_1251_is_named() -> None:
    assert _refusal(io.BytesIO("a,b\nАйгерим,Серикова\n".encode("cp1251"))) == ("encoding", 2, "Windows-1251")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16_is_named(encoding: str) -> None:
    assert _refusal(io.BytesIO("sourcedId,status\n".encode(encoding))) == ("encoding", 1, "UTF-16")


def test_a_nul_byte_is_refused() -> None:
    assert _refusal(io.BytesIO(b"a,b\n1,\x00\n"))[:2] == ("nul", 2)


def test_an_open_quote_is_refused() -> None:
    assert _refusal(io.BytesIO(b'a,b\n"x"y,2\n'))[:2] == ("csv_broken", 2)


class Endless(io.RawIOBase):
    """A header, then one line without end; counts what was asked of it."""

    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        view[:] = (b"a,b\n" if not self.given else b"").ljust(len(view), b"0")
        self.given += len(view)
        return len(view)


def test_a_line_of_ten_megabytes_is_refused_unread() -> None:
    endless = Endless()
    assert _refusal(io.BufferedReader(endless, 8192))[:2] == ("line_too_long", 2)
    assert endless.given <= 2 * MAX_LINE


def test_a_quoted_cell_over_many_lines_is_bounded() -> None:
    assert (
        _refusal(io.BytesIO(b'a,b\n"' + b"x" * 60_000 + (b"\n" + b"y" * 60_000) * 3 + b'",2\n'))[0] == "line_too_long"
    )
    assert _refusal(io.BytesIO(b'a,b\n"' + b"\n" * 5000 + b'",2\n'))[0] == "line_too_long"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    problems = Problems()
    try:
        for line, cells in rows(io.BytesIO(data), "users.csv", problems):
            assert line >= 1
            assert cells
    except Unreadable:
        assert problems.errors == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n")), min_size=2, max_size=3)))
def test_what_was_written_is_read(table: list[list[str]]) -> None:
    import csv

    text = io.StringIO()
    csv.writer(text).writerows(table)
    assert [cells for _, cells in _rows(text.getvalue().encode()[0:])] == table or text.getvalue().startswith("\ufeff")
