"""Limits on how many people's rows one person or client takes out a day (Order № 179/НҚ; order-456 reference, D18).

Exports, pages of lists and reads of the feed count alike: whoever copies a region page by page is stopped like who
downloads it. Half of the limit raises an alert, the limit refuses.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta

from idp.core.clock import LOCAL, Clock, local_date
from idp.core.errors import TooSoon
from idp.store import audit, exports
from idp.store.session import UnitOfWork

PERSON_LIMIT = 5_000
CLIENT_LEAST = 20_000
CLIENT_TIMES = 5
"""A client may take the people of its schools so many times a day, and never less than CLIENT_LEAST rows."""
_log = logging.getLogger(__name__)


class ExportLimit(TooSoon):
    """The day's limit would be passed; nothing was handed over."""

    code = "export_limit"


class Exports:
    def __init__(
        self, uow: UnitOfWork, clock: Clock, *, person_limit: int = PERSON_LIMIT, client_limit: int = 0
    ) -> None:
        """`client_limit` 0: by the size of the client's schools."""
        self._uow = uow
        self._clock = clock
        self._person_limit = person_limit
        self._client_limit = client_limit
        self._sizes: dict[tuple[str, date], int] = {}

    def take(
        self, taker: str, rows: int, *, what: str = "", school_id: str = "", is_duty: bool = False
    ) -> None:  # fmt: skip
        """Counts `rows` for `person:<id>` or `client:<id>`, before they are handed over.

        With `what` (a word) an `exported` event goes with it. Raises ExportLimit, once a day with an alert. What the
        law demands within a day (`is_duty`) is counted and raises the alert, and is not refused.
        """
        if rows <= 0 and not what:
            return
        kind, _, taker_id = taker.partition(":")
        now = self._clock.now()
        day = local_date(now)
        limit = self.limit(taker)
        who = {"actor_id": taker_id} if kind == "person" else {"client_id": taker_id}
        with self._uow.write() as tx:
            total = exports.add(tx, taker, rows, day=day, limit=None if is_duty else limit)
            level = "limit" if total is None or total > limit else "half" if total * 2 > limit else ""
            if level:
                facts = {"level": level, "rows": exports.taken(tx, taker, day=day), "asked": rows, "limit": limit}
                alert = {key: value for key, value in facts.items() if key != "asked" or level == "limit"}
                is_new = not audit.happened(tx, "export_alert", since=_begin(day), level=level, **who)
                if is_new:
                    audit.record(tx, event="export_alert", now=now, school_id=school_id, data=alert, **who)
            if total is not None and what:
                audit.record(
                    tx, event="exported", now=now, school_id=school_id, data={"what": what, "rows": rows}, **who
                )
        if level and is_new:
            # `level` is the log's own word.
            said = {"reached" if word == "level" else word: value for word, value in alert.items()}
            _log.warning("much is taken out", extra={"taker": taker, **said})
        if total is None:
            left = _begin(day + timedelta(days=1)) - now
            raise ExportLimit("the day's limit of rows is reached", retry_after=int(left.total_seconds()) + 1)

    def limit(self, taker: str) -> int:
        """Rows a day."""
        kind, _, taker_id = taker.partition(":")
        if kind == "person":
            return self._person_limit
        if self._client_limit:
            return self._client_limit
        key = (taker_id, local_date(self._clock.now()))
        if key not in self._sizes:
            with self._uow.read() as tx:
                people = exports.people_of_client(tx, taker_id, today=key[1])
            if len(self._sizes) > 1000:
                self._sizes.clear()
            self._sizes[key] = max(CLIENT_LEAST, people * CLIENT_TIMES)
        return self._sizes[key]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)
