"""Planned work, told beforehand in three languages with local times; and what we can measure of times we were away.

Order 456 clause 3 wants access round the clock except preventive work. From inside only so much can be seen: the worker
notes every minute that it and the database live, so a gap tells of both, never of a web server that alone was gone. A
probe from outside on `/readyz` sees the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from idp.core.clock import Clock
from idp.core.errors import Invalid, NotFound
from idp.core.ids import new_id
from idp.services.acting import Actor
from idp.store import announcements, audit, leases
from idp.store.session import UnitOfWork

LANGUAGES = ("kk", "ru", "en")
BEFORE = timedelta(days=3)
"""How long beforehand the sign-in and the account show it."""
GAP = timedelta(minutes=10)
"""A silence longer than this is an outage; the worker notes that it lives every minute."""
LONGEST = 500
_SHOW = timedelta(days=30)
_CACHE = timedelta(minutes=1)
_PULSE = "pulse"


@dataclass(frozen=True, slots=True)
class Announced:
    """`text` by language; times are UTC and shown as local ones."""

    id: str
    text: Mapping[str, str]
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Away:
    begin: datetime
    end: datetime
    planned: bool

    @property
    def minutes(self) -> int:
        return max(1, round((self.end - self.begin).total_seconds() / 60))


class Maintenance:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._known: tuple[Announced, ...] = ()

    def announce(self, actor: Actor, text: Mapping[str, str], begin: datetime, end: datetime) -> str:
        """Returns the id. Raises Invalid (`announcement_incomplete`) unless in every language and to come."""
        now = self._clock.now()
        said = {language: text.get(language, "").replace("\x00", "").strip()[:LONGEST] for language in LANGUAGES}
        if not all(said.values()) or not begin < end or end <= now:
            raise Invalid("a text in each language, a begin and an end to come", code="announcement_incomplete")
        row: dict[str, Any] = {
            "id": new_id(), "text": said, "begin": begin, "end": end, "made_by": actor.person_id, "made_at": now,
        }  # fmt: skip
        with self._uow.write() as tx:
            announcements.add(tx, row)
            audit.record(
                tx, event="maintenance_announced", now=now, actor_id=actor.person_id,
                data={"announcement": row["id"], "begin": begin.isoformat(), "end": end.isoformat()},
            )  # fmt: skip
        self._read_at = None
        return str(row["id"])

    def withdraw(self, actor: Actor, announcement_id: str) -> None:
        """Raises NotFound for what is over or withdrawn already."""
        now = self._clock.now()
        with self._uow.write() as tx:
            if not announcements.withdraw(tx, announcement_id, now=now):
                raise NotFound("no such announcement")
            audit.record(
                tx, event="maintenance_withdrawn", now=now, actor_id=actor.person_id,
                data={"announcement": announcement_id},
            )  # fmt: skip
        self._read_at = None

    def upcoming(self) -> tuple[Announced, ...]:
        """What is not over, the next one first; at most a minute old, since every sign-in page asks."""
        now = self._clock.now()
        with self._lock:
            if self._read_at is None or not self._read_at <= now < self._read_at + _CACHE:
                with self._uow.read() as tx:
                    rows = announcements.upcoming(tx, now=now)
                self._known = tuple(Announced(row["id"], row["text"], row["begin"], row["end"]) for row in rows)
                self._read_at = now
            return tuple(one for one in self._known if one.end > now)

    def banner(self) -> Announced | None:
        """What pages show on top: the next planned work, from three days before it begins.

        None when the database does not answer: the page that says so must be shown all the same.
        """
        soon = self._clock.now() + BEFORE
        try:
            return next((one for one in self.upcoming() if one.begin <= soon), None)
        except (DBAPIError, PoolTimeout):
            return None

    def pulse(self) -> bool:
        """Notes that the worker and the database live; a silence before it is written down. True for one found."""
        now = self._clock.now()
        with self._uow.write() as tx:
            before = leases.beat(tx, _PULSE, now=now)
            if before is None or now - before <= GAP:
                return False
            announcements.add_outage(tx, before, now, planned=announcements.covers(tx, before, now))
        return True

    def away(self) -> list[Away]:
        """Outages of the last thirty days, newest first."""
        with self._uow.read() as tx:
            return [Away(*row) for row in announcements.outages(tx, since=self._clock.now() - _SHOW)]
