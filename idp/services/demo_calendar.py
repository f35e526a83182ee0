"""The demo school's year: four quarters, their breaks, bells of two shifts. Made up, and its titles say so."""

from __future__ import annotations

from idp.core.clock import Clock
from idp.services import scope
from idp.services.school_calendar import SchoolCalendar
from idp.store import people
from idp.store.session import UnitOfWork

_MADE_UP = " (ойдан алынған)"
_YEAR = ("2026–2027 оқу жылы", "2026-09-01", "2027-05-25")
_TERMS = (
    ("1-тоқсан", "2026-09-01", "2026-10-25"),
    ("2-тоқсан", "2026-11-02", "2026-12-28"),
    ("3-тоқсан", "2027-01-08", "2027-03-18"),
    ("4-тоқсан", "2027-03-29", "2027-05-25"),
)
_BREAKS = (
    ("Күзгі каникул", "Осенние каникулы", "2026-10-26", "2026-11-01", ""),
    ("Қысқы каникул", "Зимние каникулы", "2026-12-29", "2027-01-07", ""),
    ("Қосымша каникул", "Дополнительные каникулы", "2027-02-08", "2027-02-14", "1"),
    ("Көктемгі каникул", "Весенние каникулы", "2027-03-19", "2027-03-28", ""),
)
_FIRST_BELL = {"1": 8 * 60, "2": 14 * 60}
_LESSON, _PAUSE, _LONG_PAUSE, _LESSONS = 45, 5, 15, 6


def make_calendar(uow: UnitOfWork, clock: Clock, school: str) -> None:
    """For the school with this БИН, unless it has a calendar already."""
    with uow.read() as tx:
        found = people.schools(tx, school)
    if len(found) != 1:
        return
    operator = scope.of_operator((found[0],))
    calendar = SchoolCalendar(uow, clock)
    view = calendar.view(operator, found[0])
    if view.bells or (view.sessions and view.is_own):
        return

    def session(title: str, begin: str, end: str, parent_id: str = "") -> str:
        form = {"title": title + _MADE_UP, "begin": begin, "end": end, "parent_id": parent_id}
        return calendar.add_session(operator, "", found[0], form)

    year = session(*_YEAR)
    for title, begin, end in _TERMS:
        session(title, begin, end, year)
    for title, title_ru, begin, end, grades in _BREAKS:
        form = {"kind": "break", "title": title, "title_ru": title_ru, "begin": begin, "end": end, "grades": grades}
        calendar.add_day(operator, "", found[0], form)
    for shift, first in _FIRST_BELL.items():
        calendar.set_bells(operator, "", found[0], shift, _bells(first))


def _bells(begin: int) -> dict[str, str]:
    form: dict[str, str] = {}
    for lesson in range(1, _LESSONS + 1):
        form |= {f"begin{lesson}": _time(begin), f"end{lesson}": _time(begin + _LESSON)}
        begin += _LESSON + (_LONG_PAUSE if lesson == 2 else _PAUSE)
    return form


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
