"""What people type: cleaned, measured, and either taken or answered with the fields that are not right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

TITLE, TEXT, WORK, REMARK = 120, 4000, 8000, 1000
"""The most letters. A work in Kazakh letters must fit a form of 64 KB, where each takes six bytes."""
_FARTHEST = timedelta(days=366)
_BEST = 10


@dataclass(frozen=True, slots=True)
class AssignmentForm:
    """`mistakes`: field to what is wrong with it, in codes that the page has words for."""

    title: str = ""
    text: str = ""
    due_on: str = ""
    mistakes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkForm:
    text: str = ""
    mistakes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkForm:
    mark: int | None = None
    remark: str = ""
    version: int = 0
    """Of the text that the teacher read."""
    mistakes: dict[str, str] = field(default_factory=dict)


def assignment_form(sent: Mapping[str, str], today: date, *, former_due: str = "") -> AssignmentForm:
    """A day that has passed is wrong unless it was there before."""
    title, text, due_on = (_clean(sent.get(name, "")) for name in ("title", "text", "due_on"))
    title = " ".join(title.split())
    mistakes = _length("title", title, TITLE) | _length("text", text, TEXT, needed=False)
    day = _day(due_on)
    if day is None:
        mistakes["due_on"] = "empty" if not due_on else "no_day"
    elif due_on != former_due and day < today:
        mistakes["due_on"] = "past"
    elif day > today + _FARTHEST:
        mistakes["due_on"] = "far"
    return AssignmentForm(title, text, due_on, mistakes)


def work_form(sent: Mapping[str, str]) -> WorkForm:
    text = _clean(sent.get("text", ""))
    return WorkForm(text, _length("text", text, WORK))


def mark_form(sent: Mapping[str, str]) -> MarkForm:
    mark, version = _number(sent.get("mark", "")), _number(sent.get("version", "")) or 0
    remark = _clean(sent.get("remark", ""))
    mistakes = _length("remark", remark, REMARK, needed=False)
    if mark is None or not 1 <= mark <= _BEST:
        mark, mistakes["mark"] = None, "empty"
    return MarkForm(mark, remark, version, mistakes)


def _clean(text: str) -> str:
    """One kind of line end and of space; characters that no database and no reader wants are dropped."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(_plain, lines)).strip()


def _plain(letter: str) -> str:
    if letter.isprintable() or letter in "\n\t":
        return letter
    return " " if letter.isspace() else ""


def _length(name: str, text: str, most: int, *, needed: bool = True) -> dict[str, str]:
    if len(text) > most:
        return {name: "long"}
    return {name: "empty"} if needed and not text else {}


def _day(text: str) -> date | None:
    """Written as 2026-12-31; the other ways of ISO 8601 would not sort as text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
