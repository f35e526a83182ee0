"""Public holidays of Kazakhstan as first rows of the calendar; the operator edits them in the console.

Fixed days: the Law on holidays, as the country keeps them. They are public knowledge, not checked against an official
text: whoever runs a house looks them through and edits them in the console. The day off on 7 January, and that a
holiday on a weekend makes the next working day a day off: Labour Code. Kurban-ait is another day each year and moved
working days come by decree: neither can be known beforehand, the operator puts both in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from idp.core.calendar import days
from idp.core.clock import Clock
from idp.core.ids import fingerprint
from idp.services import scope
from idp.store import audit, calendar, feed
from idp.store.session import UnitOfWork

YEARS = range(2025, 2031)
_SATURDAY = 5
_FIXED = (
    # month, first day, last day, Kazakh, Russian
    (1, 1, 2, "Жаңа жыл", "Новый год"),
    (3, 8, 8, "Халықаралық әйелдер күні", "Международный женский день"),
    (3, 21, 23, "Наурыз мейрамы", "Наурыз мейрамы"),
    (5, 1, 1, "Қазақстан халқының бірлігі мерекесі", "Праздник единства народа Казахстана"),
    (5, 7, 7, "Отан қорғаушы күні", "День защитника Отечества"),
    (5, 9, 9, "Жеңіс күні", "День Победы"),
    (7, 6, 6, "Астана күні", "День столицы"),
    (8, 30, 30, "Конституция күні", "День Конституции"),
    (10, 25, 25, "Республика күні", "День Республики"),
    (12, 16, 16, "Тәуелсіздік күні", "День Независимости"),
)
_CHRISTMAS = (1, 7, "Православиелік Рождество", "Православное Рождество")


@dataclass(frozen=True, slots=True)
class Holiday:
    begin: date
    end: date
    title: str
    title_ru: str


def of_year(year: int) -> list[Holiday]:
    """Every day off of one year that is known beforehand, those moved from a weekend included, in order."""
    month, day, title, title_ru = _CHRISTMAS
    christmas = date(year, month, day)
    found = [Holiday(date(year, m, a), date(year, m, b), kk, ru) for m, a, b, kk, ru in _FIXED]
    taken = {christmas} | {each for holiday in found for each in days(holiday.begin, holiday.end)}
    moved = list(_moved(found, taken))
    return sorted([*found, *moved, Holiday(christmas, christmas, title, title_ru)], key=lambda one: one.begin)


def _moved(found: list[Holiday], taken: set[date]) -> Iterator[Holiday]:
    for holiday in found:
        for day in days(holiday.begin, holiday.end):
            if day.weekday() < _SATURDAY:
                continue
            while day.weekday() >= _SATURDAY or day in taken:
                day += timedelta(days=1)
            taken.add(day)
            yield Holiday(day, day, f"Демалыс күні: {holiday.title}", f"Выходной день: {holiday.title_ru}")


class Holidays:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def seed(self) -> int:
        """Puts in the years that have no day of the country yet, and returns how many days came.

        Safe to run again and on two machines at once; what the operator changed or took out stays so.
        """
        operator = scope.of_operator(())
        with self._uow.read() as tx:
            years = [year for year in YEARS if year not in calendar.national_years(tx, operator)]
        if not years:
            return 0
        now = self._clock.now()
        added = []
        with self._uow.write() as tx:
            for holiday in (one for year in years for one in of_year(year)):
                # The id comes from the day, so that a second machine adds nothing.
                day_id = fingerprint(f"holiday {holiday.begin} {holiday.title}")[:32]
                row: dict[str, Any] = {
                    "id": day_id, "school_id": None, "kind": "holiday", "grades": [],
                    "title": holiday.title, "title_ru": holiday.title_ru, "begin": holiday.begin, "end": holiday.end,
                }  # fmt: skip
                if calendar.add_day_if_new(tx, operator, row):
                    added.append(("", day_id))
            if added:
                feed.append(tx, "calendar", "added", added, now=now)
                audit.record(tx, event="holidays_seeded", now=now, data={"years": years, "days": len(added)})
        return len(added)
