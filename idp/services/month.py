"""One month of a school as a picture needs it: which day is off, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Day:
    """`kind` is `holiday`, `break`, `working`, `weekend`, or empty for an ordinary day."""

    day: date
    kind: str
    title: str
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """`weeks` begin on Monday; None stands where another month's day would be."""

    first: date
    weeks: Sequence[Sequence[Day | None]]

    @property
    def before(self) -> str:
        return (self.first - timedelta(days=1)).isoformat()[:7]

    @property
    def after(self) -> str:
        return (self.first + timedelta(days=32)).isoformat()[:7]

    @property
    def special(self) -> list[Day]:
        """Days that differ, for the table behind the picture."""
        return [day for week in self.weeks for day in week if day and day.title]


def first_of(text: str, today: date) -> date:
    """The first day of a month such as `2026-09`; of this month when it is none, or has no neighbours."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return first if date.min.year < first.year < date.max.year else today.replace(day=1)


def last_of(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def month(first: date, rows: Sequence[Mapping[str, Any]], *, today: date, language: str) -> Month:
    """`rows` are calendar days of the country and the school; a holiday is stronger than a break or worked day."""
    order = {"working": 0, "break": 1, "holiday": 2}
    marked: dict[date, tuple[int, str, str]] = {}
    last = last_of(first)
    for row in rows:
        title = (row["title_ru"] if language == "ru" else "") or row["title"]
        day = max(row["begin"], first)
        while day <= min(row["end"], last):
            marked[day] = max(marked.get(day, (-1, "", "")), (order[row["kind"]], row["kind"], title))
            day += timedelta(days=1)
    days: list[Day | None] = [None] * first.weekday()
    for step in range(last.day):
        day = first + timedelta(days=step)
        _, kind, title = marked.get(day, (0, "weekend" if day.weekday() >= _SATURDAY else "", ""))
        days.append(Day(day, kind, title, day == today))
    days += [None] * (-len(days) % 7)
    return Month(first, [days[start : start + 7] for start in range(0, len(days), 7)])
