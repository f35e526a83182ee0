"""Clean-up: what is over goes, rule by rule, and each run that found something is written down (Law № 94-V art. 18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from idp.core.clock import Clock
from idp.services.retention_rules import Rule
from idp.store import retention
from idp.store.session import UnitOfWork

UNTOLD = frozenset(("grants", "revoked_tokens", "one_time_values", "phone_errands", "throttles", "retention_runs"))
"""Rows that live for minutes by the million: that they went every hour is no news."""


class Retention:
    def __init__(self, uow: UnitOfWork, clock: Clock, rules: Sequence[Rule]) -> None:
        self._uow = uow
        self._clock = clock
        self._rules = rules

    def __call__(self) -> dict[str, int]:
        """Takes out everything that is due and returns how many rows went by rule."""
        now = self._clock.now()
        return {rule.name: self._drain(rule, now) for rule in self._rules}

    def _drain(self, rule: Rule, now: datetime) -> int:
        """Repeats a step in short transactions until it finds less than a batch."""
        total = 0
        while True:
            with self._uow.write() as tx:
                count = rule.step(tx, now, now - rule.keep, rule.batch)
                total += count
                if count < rule.batch:
                    if total and rule.name not in UNTOLD:
                        retention.note_run(tx, rule.name, total, now=now)
                    return total
