"""Working days and years of age: the clocks of the law are counted in them.

Saturday and Sunday are days off; what else differs comes from the table of calendar days (order-456 reference F7).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

_SATURDAY = 5
OF_AGE = 18


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`off` are holidays, `worked` are weekend days that are worked; `off` wins when a day is in both."""

    off: frozenset[date] = field(default_factory=frozenset)
    worked: frozenset[date] = field(default_factory=frozenset)

    def is_working(self, day: date) -> bool:
        if day in self.off:
            return False
        return day.weekday() < _SATURDAY or day in self.worked

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself is not counted."""
        while count > 0:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def between(self, begin: date, end: date) -> int:
        """Working days after `begin` up to `end`; negative when `end` lies before."""
        if end < begin:
            return -self.between(end, begin)
        return sum(self.is_working(begin + timedelta(days=step)) for step in range(1, (end - begin).days + 1))


def days(begin: date, end: date) -> Iterable[date]:
    """Every day from `begin` to `end`, both included."""
    return (begin + timedelta(days=step) for step in range((end - begin).days + 1))


def years_after(day: date, years: int) -> date:
    """The same day of a later year; 29 February becomes 28 February where there is none (our reading)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def age(birth: date, today: date) -> int:
    """Whole years on a day."""
    years = today.year - birth.year
    return years if years_after(birth, years) <= today else years - 1
