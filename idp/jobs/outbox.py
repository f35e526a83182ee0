"""Drains the outbox: claims due items, hands each to the handler of its kind, retries with growing pauses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from idp.core.clock import Clock
from idp.store import outbox
from idp.store.session import UnitOfWork

HOLD = timedelta(minutes=2)
MAX_ATTEMPTS = 10
_log = logging.getLogger(__name__)

Handler = Callable[[dict[str, Any]], None]
"""Sends one item; raises to have it tried again later."""


class Outbox:
    def __init__(self, uow: UnitOfWork, clock: Clock, handlers: Mapping[str, Handler]) -> None:
        self._uow = uow
        self._clock = clock
        self._handlers = dict(handlers)

    def drain(self, *, limit: int = 20) -> int:
        """Sends up to `limit` due items outside any transaction; returns how many were claimed."""
        with self._uow.read() as tx:
            if not outbox.has_due(tx, now=self._clock.now()):
                return 0
        with self._uow.write() as tx:
            items = outbox.claim(tx, kinds=list(self._handlers), now=self._clock.now(), hold=HOLD, limit=limit)
        for item in items:
            try:
                self._handlers[item.kind](item.data)
            except Exception as error:
                self._failed(item, error)
            else:
                with self._uow.write() as tx:
                    outbox.done(tx, item.id, now=self._clock.now())
        return len(items)

    def _failed(self, item: outbox.Claimed, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        _log.warning("outbox item not sent", extra={"kind": item.kind, "item": item.id, "reason": reason})
        now = self._clock.now()
        with self._uow.write() as tx:
            if item.attempts + 1 >= MAX_ATTEMPTS:
                outbox.give_up(tx, item.id, error=reason, now=now)
            else:
                outbox.retry(tx, item.id, error=reason, due=now + timedelta(seconds=5 * 2**item.attempts))
