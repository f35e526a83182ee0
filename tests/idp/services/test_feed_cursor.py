"""A cursor is read by who got it, for what it was given, and while it is good."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.services.feed_cursor import KEEP, Cursor, CursorTooOld, InvalidCursor, Reader, read, write
from idp.store.feed import Position
from tests.factories.rows import BEGINNING

KEY = b"k" * 32
READER = Reader.of("canteen", "people", "s", ("s",))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.one_of(st.none(), st.text("0123456789abcdef")))
def test_what_is_written_is_read_again(xid: int, seq: int, last_id: str | None) -> None:
    cursor = Cursor(Position(xid, seq), BEGINNING, last_id)
    assert read(KEY, READER, write(KEY, READER, cursor), now=BEGINNING) == cursor


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        read(KEY, READER, text, now=BEGINNING)


def test_another_reader_is_refused_and_an_old_one_begins_anew() -> None:
    made = write(KEY, READER, Cursor(Position(1, 2), BEGINNING))
    others = [replace(READER, client_id="x"), replace(READER, kind="cards"), replace(READER, school_id="")]
    for reader in others:
        with pytest.raises(InvalidCursor):
            read(KEY, reader, made, now=BEGINNING)
    with pytest.raises(InvalidCursor):
        read(b"x" * 32, READER, made, now=BEGINNING)
    assert read(KEY, READER, made, now=BEGINNING + KEEP)
    for reader, now in ((READER, BEGINNING + KEEP + timedelta(seconds=1)), (replace(READER, reach="x"), BEGINNING)):
        with pytest.raises(CursorTooOld):
            read(KEY, reader, made, now=now)


def test_the_reach_is_the_schools_and_what_they_ask() -> None:
    asks = [Reader.of("c", "people", "", schools, asked).reach for schools, asked in (
        (("a", "b"), ()), (("a",), ()), (("a", "b"), (("a", "lms"),)), (("a", "b"), (("b", "lms"),)),
    )]  # fmt: skip
    assert len(set(asks)) == len(asks)
    assert Reader.of("c", "people", "", ("b", "a")).reach == asks[0]


def test_a_cursor_shows_nothing_of_what_is_in_it() -> None:
    """The id of the person told last is the same for every vendor, and so is none of a vendor's business."""
    person = "0192f00000007000800000000000abcd"
    shown = write(KEY, READER, Cursor(Position(0, 7), BEGINNING, person))
    octets = b"".join(urlsafe_b64decode(part + "===") for part in shown.split("."))
    assert person.encode() not in octets
    assert write(KEY, replace(READER, client_id="lms"), Cursor(Position(0, 7), BEGINNING, person)) != shown
