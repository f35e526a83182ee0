"""Clean-up: what has expired is deleted (data minimisation, and tables that do not grow for ever)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from idp.core.clock import Clock
from idp.store import outbox, retention
from idp.store.session import Tx, UnitOfWork

BATCH = 1000
KEEP_SESSIONS = timedelta(days=30)
"""Ended sessions are shown to their person for a while."""
KEEP_UNSIGNED = timedelta(days=90)
"""Documents that nobody signed: their client may still ask what became of them."""
KEEP_SENT = timedelta(days=14)


class Retention:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def __call__(self) -> dict[str, int]:
        """Deletes everything that is due and returns how many rows of each kind went."""
        now = self._clock.now()
        steps: dict[str, Callable[[Tx], int]] = {
            "grants": lambda tx: retention.delete_grants(tx, now=now, limit=BATCH),
            "revoked_tokens": lambda tx: retention.delete_revoked_tokens(tx, now=now, limit=BATCH),
            "sessions": lambda tx: retention.delete_sessions(tx, before=now - KEEP_SESSIONS, limit=BATCH),
            "one_time_values": lambda tx: retention.delete_one_time_values(tx, now=now, limit=BATCH),
            "phone_errands": lambda tx: retention.delete_phone_errands(tx, now=now, limit=BATCH),
            "signing_requests": lambda tx: retention.delete_unsigned_requests(
                tx, before=now - KEEP_UNSIGNED, limit=BATCH
            ),
            "throttles": lambda tx: retention.delete_throttles(tx, now=now, limit=BATCH),
        }
        gone = {name: self._drain(step) for name, step in steps.items()}
        with self._uow.write() as tx:
            gone["outbox"] = outbox.delete_done(tx, before=now - KEEP_SENT)
        return gone

    def _drain(self, step: Callable[[Tx], int]) -> int:
        """Repeats a step in short transactions until it finds less than a batch."""
        total = 0
        while True:
            with self._uow.write() as tx:
                count = step(tx)
            total += count
            if count < BATCH:
                return total
