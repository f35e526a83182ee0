"""One month as a picture needs it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from idp.services.month import first_of, month

TODAY = date(2026, 10, 5)


def _row(kind: str, begin: int, end: int, title: str) -> dict[str, Any]:
    day = {"begin": date(2026, 10, begin), "end": date(2026, 10, end)}
    return {"kind": kind, "title": title, "title_ru": f"{title} ru", **day}


def test_weeks_begin_on_monday_and_a_holiday_beats_a_break() -> None:
    rows = [
        _row("break", 26, 31, "Каникул"), _row("holiday", 26, 26, "Мереке"), _row("working", 10, 10, "Жұмыс"),
        {**_row("break", 1, 1, "Ұзақ"), "begin": date(2026, 9, 1)},
    ]  # fmt: skip
    found = month(date(2026, 10, 1), rows, today=TODAY, language="ru")
    assert [len(week) for week in found.weeks] == [7] * 5
    assert found.weeks[0][:3] == [None, None, None]
    kinds = {day.day.day: day.kind for week in found.weeks for day in week if day}
    assert (kinds[1], kinds[3], kinds[5], kinds[10], kinds[26], kinds[27]) == (
        "break", "weekend", "", "working", "holiday", "break",
    )  # fmt: skip
    assert [day.title for day in found.special][:2] == ["Ұзақ ru", "Жұмыс ru"]
    assert (found.before, found.after) == ("2026-09", "2026-11")
    assert [day.day for week in found.weeks for day in week if day and day.is_today] == [TODAY]


@pytest.mark.parametrize("text", ["", "2026-13", "x", "2026-1", "99999-01"])
def test_no_month_is_this_month(text: str) -> None:
    assert first_of(text, TODAY) == date(2026, 10, 1)
