"""What goes when: one table of rules, run by `jobs/retention.py` and shown on the page of retention.

Law № 94-V art. 12(2) and 18 say that nothing is kept longer than its purpose, and name no days. Every number here is
our own choice, to be changed where a school's own rules say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core.clock import Clock, local_date
from idp.services import feed_cursor, scope
from idp.services.erasure import erase
from idp.store import erasure, retention
from idp.store.retention import Expired
from idp.store.session import Tx, UnitOfWork

KEEP_CHANGES = feed_cursor.KEEP + timedelta(days=1)
"""The log of changes outlives every cursor into it: a reader with an older one takes a snapshot again (410)."""
KEEP_PROOFS = timedelta(days=3 * 365)
"""Consents must be provable (art. 25(2)(5)); claims are brought within three years."""
_MONTH, _YEAR = timedelta(days=30), timedelta(days=365)
_AHEAD = _MONTH
_PEOPLE_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Rule:
    """`step(tx, now, before, limit)` takes rows out and returns how many; `due(tx, before)` counts them."""

    name: str
    table: str
    keep: timedelta
    step: Callable[[Tx, datetime, datetime, int], int]
    due: Callable[[Tx, datetime], int]
    batch: int = 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """One rule on the page: when it last found something, and how many rows go within a month."""

    name: str
    table: str
    days: int
    last_at: datetime | None
    last_rows: int
    soon: int


def rules(*, people_days: int) -> tuple[Rule, ...]:
    """Every rule, people last: what hangs on them goes first."""
    return (
        _deletes("grants", retention.GRANTS),
        _deletes("revoked_tokens", retention.REVOKED_TOKENS),
        _deletes("sessions", retention.SESSIONS, _MONTH),
        _deletes("one_time_values", retention.ONE_TIME_VALUES),
        _deletes("phone_errands", retention.PHONE_ERRANDS),
        _deletes("signing_requests", retention.UNSIGNED_REQUESTS, 3 * _MONTH),
        _deletes("throttles", retention.THROTTLES),
        _deletes("outbox", retention.SENT, timedelta(days=14)),
        _deletes("changes", retention.CHANGES, KEEP_CHANGES),
        _deletes("invitations", retention.INVITATIONS, _MONTH),
        _deletes("import_uploads", retention.IMPORT_UPLOADS),
        _deletes("import_changes", retention.IMPORT_CHANGES, 3 * _MONTH),
        _deletes("export_counts", retention.EXPORT_COUNTS, 3 * _MONTH),
        _deletes("consent_records", retention.CONSENT_PROOFS, KEEP_PROOFS),
        _deletes("subject_requests", retention.CLOSED_REQUESTS, 5 * _YEAR),
        _deletes("announcements", retention.ANNOUNCEMENTS, _YEAR),
        _deletes("outages", retention.OUTAGES, 3 * _YEAR),
        _deletes("retention_runs", retention.RUNS, 3 * _YEAR),
        _deletes("photos", retention.PHOTOS, _MONTH),
        Rule("people", "people", timedelta(days=people_days), _erase_people, _count_people, _PEOPLE_AT_ONCE),
    )


def _deletes(table: str, rows: Expired, keep: timedelta = timedelta(0)) -> Rule:
    def step(tx: Tx, _now: datetime, before: datetime, limit: int) -> int:
        return retention.delete_some(tx, rows, before=before, limit=limit)

    def due(tx: Tx, before: datetime) -> int:
        return retention.count(tx, rows, before=before)

    return Rule(table, table, keep, step, due)


def _erase_people(tx: Tx, now: datetime, before: datetime, limit: int) -> int:
    """Who left that long ago and whom nothing holds: the row stays without a name (Digital Code art. 41)."""
    chosen = erasure.due(tx, scope.of_operator(()), before=before, today=local_date(now), limit=limit)
    for person_id in chosen:
        erase(tx, person_id, by="", why="term", now=now)
    return len(chosen)


def _count_people(tx: Tx, before: datetime) -> int:
    return retention.count_people(tx, scope.of_operator(()), before=before)


class RetentionReport:
    """What ran when, and what will go next."""

    def __init__(self, uow: UnitOfWork, clock: Clock, all_rules: Sequence[Rule]) -> None:
        self._uow = uow
        self._clock = clock
        self._rules = all_rules

    def shown(self) -> list[Shown]:
        ahead = self._clock.now() + _AHEAD
        with self._uow.read() as tx:
            last: dict[str, tuple[datetime, int]] = {}
            for rule, at, rows in retention.runs(tx, limit=1000):
                last.setdefault(rule, (at, rows))
            return [
                Shown(one.name, one.table, one.keep.days, ran[0], ran[1], one.due(tx, ahead - one.keep))
                for one in self._rules
                for ran in (last.get(one.name, (None, 0)),)
            ]

    def runs(self, limit: int = 50) -> list[tuple[str, datetime, int]]:
        """(rule, when, how many rows), newest first."""
        with self._uow.read() as tx:
            return retention.runs(tx, limit=limit)
