"""The calendar of a school: years and terms, breaks, holidays, worked weekend days, lesson bells (reference F7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from idp.core.calendar import years_after
from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services import month as months
from idp.services import scope as scopes
from idp.services.classes import GRADES
from idp.services.forms import Sheet, Wrong
from idp.store import audit, calendar, feed, reach, school_years
from idp.store.models.calendar import DAY_KINDS
from idp.store.session import Tx, UnitOfWork

SHIFTS = ("1", "2", "3")
LESSONS = 10
_LONGEST_DAYS = 130
_LONGEST_YEAR = 366
_SATURDAY = 5
_SAME_WEEKDAY = timedelta(days=364)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """`sessions` of the school, or of the authority above it when the school has none (`is_own` is False then).
    `month` shows days of the country and of the authorities too, `days` only the school's own."""

    month: months.Month
    sessions: Sequence[Row]
    is_own: bool
    days: Sequence[Row]
    bells: Mapping[str, Sequence[Row]]


class SchoolCalendar:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def view(self, scope: Scope, school_id: str, *, month: str = "", language: str = "kk") -> View:
        """`month` such as `2026-09`; days are the school's own of this school year and later."""
        today = local_date(self._clock.now())
        first = months.first_of(month, today)
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.read() as tx:
            above = scopes.of_actor(scope.person, scope.role, tuple(reach.above(tx, school_id)))
            shown = calendar.days(tx, above, begin=first, end=months.last_of(first))
            sessions = school_years.sessions(tx, here)
            is_own = bool(sessions)
            if not is_own:
                sessions = school_years.sessions(tx, above)
            own = [row for row in calendar.days(tx, here, begin=today - timedelta(days=366)) if row["school_id"]]
            bells: dict[str, list[Row]] = {}
            for row in school_years.bells(tx, here):
                bells.setdefault(row["shift"], []).append(row)
        return View(months.month(first, shown, today=today, language=language), sessions, is_own, own, bells)

    def add_session(self, scope: Scope, actor_id: str, school_id: str, sent: Mapping[str, str]) -> str:
        """A school year, or with `parent_id` a term within it. Raises Wrong."""
        sheet = Sheet(sent)
        parent_id = sent.get("parent_id", "")
        row: dict[str, Any] = {
            "id": new_id(), "school_id": school_id, "title": sheet.text("title", longest=60, required=True),
            "type": "term" if parent_id else "schoolYear", "begin": sheet.day("begin"), "end": sheet.day("end"),
            "parent_id": parent_id or None,
        }  # fmt: skip
        row["school_year"] = row["end"].year
        if not sheet.wrong and row["end"] < row["begin"]:
            sheet.refuse("end", "reversed")
        elif not sheet.wrong and (row["end"] - row["begin"]).days > _LONGEST_YEAR:
            sheet.refuse("end", "too_long")
        with self._uow.write() as tx:
            there = school_years.sessions(tx, scopes.of_actor(scope.person, scope.role, (school_id,)))
            if parent_id:
                year = next((one for one in there if one["id"] == parent_id and one["type"] == "schoolYear"), None)
                if year is None:
                    raise NotFound("no such school year")
                row["school_year"] = year["school_year"]
                if not sheet.wrong and not year["begin"] <= row["begin"] <= row["end"] <= year["end"]:
                    sheet.refuse("begin", "outside")
            same = [one for one in there if one["type"] == row["type"]]
            if not sheet.wrong and any(one["begin"] <= row["end"] and row["begin"] <= one["end"] for one in same):
                sheet.refuse("begin", "overlap")
            sheet.done()
            school_years.add_session(tx, scope, row)
            self._changed(tx, actor_id, school_id, "session", added=[row["id"]])
        return str(row["id"])

    def end_session(self, scope: Scope, actor_id: str, school_id: str, session_id: str) -> None:
        """Takes a year with its terms, or one term, out of the calendar. Doing it twice does nothing."""
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.write() as tx:
            there = school_years.sessions(tx, here)
            ids = [one["id"] for one in there if session_id in (one["id"], one["parent_id"])]
            if school_years.end_sessions(tx, here, ids):
                self._changed(tx, actor_id, school_id, "session", ended=ids)

    def add_day(self, scope: Scope, actor_id: str, school_id: str | None, sent: Mapping[str, str]) -> str:
        """A holiday, break or worked weekend day of a school; with no school, of the country. Raises Wrong."""
        row = _day(sent, school_id)
        with self._uow.write() as tx:
            calendar.add_day(tx, scope, row)
            self._changed(tx, actor_id, school_id or "", "day", added=[row["id"]])
        return str(row["id"])

    def remove_day(self, scope: Scope, actor_id: str, school_id: str | None, day_id: str) -> None:
        """Doing it twice does nothing; a day of another school or of the country stays."""
        with self._uow.write() as tx:
            row = calendar.day(tx, scope, day_id)
            if row is not None and row["school_id"] == school_id:
                calendar.remove_day(tx, scope, day_id)
                self._changed(tx, actor_id, school_id or "", "day", ended=[day_id])

    def national(self, scope: Scope, year: int) -> list[Row]:
        """Days of the country in one year."""
        alone = scopes.of_actor(scope.person, scope.role, ())
        with self._uow.read() as tx:
            return calendar.days(tx, alone, begin=date(year, 1, 1), end=date(year, 12, 31))

    def set_bells(self, scope: Scope, actor_id: str, school_id: str, shift: str, sent: Mapping[str, str]) -> None:
        """`begin1`, `end1` and so on; an empty pair is left out. Raises Wrong for bells that overlap or run back."""
        if shift not in SHIFTS:
            raise NotFound("no such shift")
        sheet = Sheet(sent)
        rows: list[dict[str, Any]] = []
        before = -1
        for place in range(1, LESSONS + 1):
            if not sent.get(f"begin{place}") and not sent.get(f"end{place}"):
                continue
            begin, end = sheet.minutes(f"begin{place}"), sheet.minutes(f"end{place}")
            if end <= begin:
                sheet.refuse(f"end{place}", "reversed")
            if begin < before:
                sheet.refuse(f"begin{place}", "overlap")
            before = max(before, end)
            rows.append({
                "id": new_id(), "school_id": school_id, "shift": shift, "lesson": len(rows) + 1, "begin": begin,
                "end": end,
            })  # fmt: skip
        sheet.done()
        with self._uow.write() as tx:
            gone = school_years.replace_bells(tx, scope, school_id, shift, rows)
            self._changed(tx, actor_id, school_id, "bells", added=[row["id"] for row in rows], ended=gone)

    def copy_year(self, scope: Scope, actor_id: str, school_id: str) -> str:
        """The newest school year once more, a year later: terms and breaks on the same weekdays.

        Returns the new year's id. Raises Wrong when there is none, or the year after it is there already.
        """
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.write() as tx:
            there = school_years.sessions(tx, here)
            years = [one for one in there if one["type"] == "schoolYear"]
            if not years:
                raise Wrong({"copy": "missing"})
            last = max(years, key=lambda one: one["end"])
            year = _later(last, school_id, None, years_after(last["begin"], 1), years_after(last["end"], 1))
            if year["begin"] <= last["end"]:
                raise Wrong({"copy": "overlap"})
            terms = [one for one in there if one["parent_id"] == last["id"]]
            rows = [year]
            for place, term in enumerate(terms):
                begin = year["begin"] if place == 0 else term["begin"] + _SAME_WEEKDAY
                end = year["end"] if place == len(terms) - 1 else term["end"] + _SAME_WEEKDAY
                rows.append(_later(term, school_id, year["id"], begin, end))
            for row in rows:
                school_years.add_session(tx, here, row)
            breaks = [
                {**row, "id": new_id(), "begin": row["begin"] + _SAME_WEEKDAY, "end": row["end"] + _SAME_WEEKDAY}
                for row in calendar.days(tx, here, begin=last["begin"], end=last["end"], kinds=("break",))
                if row["school_id"] == school_id
            ]
            for row in breaks:
                calendar.add_day(tx, here, row)
            self._changed(tx, actor_id, school_id, "year", added=[row["id"] for row in (*rows, *breaks)])
        return str(year["id"])

    def _changed(
        self, tx: Tx, actor_id: str, school_id: str, what: str, *, added: Sequence[str] = (), ended: Sequence[str] = ()
    ) -> None:
        now = self._clock.now()
        feed.append(tx, "calendar", "added", [(school_id, one) for one in added], now=now)
        feed.append(tx, "calendar", "ended", [(school_id, one) for one in ended], now=now)
        data = {"what": what, "added": len(added), "ended": len(ended)}
        audit.record(tx, event="calendar_changed", now=now, actor_id=actor_id, school_id=school_id, data=data)


def _day(sent: Mapping[str, str], school_id: str | None) -> dict[str, Any]:
    sheet = Sheet(sent)
    begin = sheet.day("begin")
    row: dict[str, Any] = {
        "id": new_id(), "school_id": school_id, "kind": sheet.choice("kind", DAY_KINDS),
        "title": sheet.text("title", longest=80, required=True), "title_ru": sheet.text("title_ru", longest=80),
        "begin": begin, "end": sheet.day("end") if sent.get("end") else begin,
    }  # fmt: skip
    listed = [one.strip() for one in sent.get("grades", "").split(",") if one.strip()]
    row["grades"] = listed if row["kind"] == "break" else []
    if any(one not in GRADES for one in listed):
        sheet.refuse("grades", "unknown")
    if row["kind"] == "break" and school_id is None:
        sheet.refuse("kind", "unknown")
    if not sheet.wrong and row["end"] < row["begin"]:
        sheet.refuse("end", "reversed")
    elif not sheet.wrong and (row["end"] - row["begin"]).days > _LONGEST_DAYS:
        sheet.refuse("end", "too_long")
    elif not sheet.wrong and row["kind"] == "working":
        days = (row["begin"] + timedelta(days=step) for step in range((row["end"] - row["begin"]).days + 1))
        if any(day.weekday() < _SATURDAY for day in days):
            sheet.refuse("begin", "weekday")
    sheet.done()
    return row


def _later(row: Row, school_id: str, parent_id: str | None, begin: date, end: date) -> dict[str, Any]:
    """Next year's row; a title that names the years is moved on with them."""
    title = row["title"]
    for year in (row["school_year"], row["school_year"] - 1):
        title = title.replace(str(year), str(year + 1))
    return {
        "id": new_id(), "school_id": school_id, "parent_id": parent_id, "type": row["type"], "title": title,
        "begin": begin, "end": end, "school_year": row["school_year"] + 1,
    }  # fmt: skip
