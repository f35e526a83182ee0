"""Forms: every wrong field is named, and what is taken is clean."""

from __future__ import annotations

from datetime import date

import pytest

from idp.services.forms import Sheet, Wrong


def test_everything_wrong_is_said_at_once() -> None:
    sheet = Sheet({"name": " ", "kind": "x", "day": "31.12.2026", "time": "25:00", "long": "а" * 9, "empty": ""})
    sheet.text("name", required=True)
    sheet.text("long", longest=8)
    sheet.choice("kind", ("a", "b"))
    sheet.day("day")
    sheet.day("none")
    sheet.minutes("time")
    sheet.minutes("empty")
    sheet.refuse("name", "taken")
    with pytest.raises(Wrong) as wrong:
        sheet.done()
    assert wrong.value.fields == {
        "name": "missing", "long": "too_long", "kind": "unknown", "day": "format", "none": "missing", "time": "format",
        "empty": "missing",
    }  # fmt: skip


@pytest.mark.parametrize("time", ["8", "a:b", "٣:٠٠", "-1:00", "8:60", "999999999999:1"])
def test_a_time_is_a_time(time: str) -> None:
    sheet = Sheet({"time": time})
    sheet.minutes("time")
    assert sheet.wrong == {"time": "format"}


def test_what_is_right_is_taken_clean() -> None:
    sheet = Sheet({"name": "  Асқар\x00\n  орда ", "day": "2026-09-01", "time": "08:05"})
    assert (sheet.text("name"), sheet.day("day"), sheet.minutes("time")) == ("Асқар орда", date(2026, 9, 1), 485)
    sheet.done()
