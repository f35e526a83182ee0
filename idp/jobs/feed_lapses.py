"""Tells the readers of the feed what ended by its date: a role or a place in a class whose term is over, a
child who came of age.

A change is logged when somebody makes one. An end that was written down beforehand comes by itself, and modules would
keep people who left weeks ago. Days on which no worker ran are caught up.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from idp.core.clock import LOCAL, Clock, local_date
from idp.store import feed, feed_lapses
from idp.store.session import UnitOfWork

_BACK = timedelta(days=7)
_AT_ONCE = 1000
"""At a year's end a whole region ends on one day: others write in between."""


class FeedLapses:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def __call__(self) -> int:
        """How many changes were added. What was told since is not told again."""
        now = self._clock.now()
        today = local_date(now)
        told = 0
        for back in range(_BACK.days, -1, -1):
            day = today - timedelta(days=back)
            since = datetime.combine(day, time(), LOCAL).astimezone(UTC)
            with self._uow.read() as tx:
                memberships = feed_lapses.memberships(tx, begin=day, end=day, since=since)
                memberships += feed_lapses.places(tx, begin=day, end=day, since=since)
                links = feed_lapses.links(tx, begin=day, end=day, since=since)
            for kind, ended in (("memberships", memberships), ("guardianships", links)):
                for start in range(0, len(ended), _AT_ONCE):
                    with self._uow.write() as tx:
                        feed.append(tx, kind, "ended", ended[start : start + _AT_ONCE], now=now)
            told += len(memberships) + len(links)
        return told
