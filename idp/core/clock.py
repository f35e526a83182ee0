"""The only source of time. Everything is UTC; local time is made where it is shown."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Almaty")
"""One zone for the whole country since 1 March 2024 (order-456 reference F7)."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that tests set and move by hand."""

    def __init__(self, moment: datetime | None = None) -> None:
        self.moment = moment or datetime(2026, 9, 1, 3, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> None:
        """Moves forward by `timedelta(**amount)`."""
        self.moment += timedelta(**amount)


def local_date(moment: datetime) -> date:
    """The day it is in Kazakhstan: what begins or ends «today» does so at its midnight, not at that of UTC."""
    return moment.astimezone(LOCAL).date()


def epoch(moment: datetime) -> int:
    """Whole seconds since 1970, the NumericDate of RFC 7519 §2."""
    return int(moment.timestamp())


def monotonic() -> float:
    """Seconds for measuring how long something took; never a date."""
    return time.perf_counter()
