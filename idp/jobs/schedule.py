"""Singleton jobs under leases: whoever holds the lease runs the job; a dead worker's lease runs out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.clock import Clock
from idp.core.ids import new_id
from idp.jobs.outbox import Outbox
from idp.store import leases
from idp.store.session import UnitOfWork

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    name: str
    every: timedelta
    run: Callable[[], object]


class Worker:
    """Drains the outbox continually and runs each job once per period in the whole installation."""

    def __init__(self, uow: UnitOfWork, clock: Clock, outbox: Outbox, jobs: Sequence[Job]) -> None:
        self._uow = uow
        self._clock = clock
        self._outbox = outbox
        self._jobs = jobs
        self._owner = new_id()
        self._next: dict[str, datetime] = {}
        self._stop = threading.Event()

    def stop(self) -> None:
        """Asks the loop to end after the item at hand."""
        self._stop.set()

    def once(self) -> int:
        """One round: due jobs, then everything due in the outbox. Returns how many items were handled."""
        for job in self._jobs:
            self._run(job)
        handled = 0
        while (count := self._outbox.drain()) and not self._stop.is_set():
            handled += count
        return handled

    def forever(self) -> None:
        """Rounds until `stop`; an unreachable database is waited out, not died of."""
        while not self._stop.is_set():
            try:
                self.once()
            except Exception:
                _log.exception("worker round failed")
                self._stop.wait(5)
            self._stop.wait(_PAUSE_SECONDS)

    def _run(self, job: Job) -> None:
        now = self._clock.now()
        if self._next.get(job.name, now) > now:
            return
        with self._uow.write() as tx:
            mine = leases.acquire(tx, f"job:{job.name}", owner=self._owner, now=now, hold=job.every)
        # Only now: a database that does not answer must not cost the job its whole period.
        self._next[job.name] = now + job.every
        if mine:
            try:
                job.run()
            except Exception:
                _log.exception("job failed", extra={"job": job.name})
