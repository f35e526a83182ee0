"""Slows guessing down, by counts in the database, without letting anyone lock a class out for long.

An attempt is counted before the answer is checked and taken back when it was right, so parallel guesses are all
counted (CVE-2024-4629). Three counts: an account from one place, an account, a place. A school stands behind one
address, so a place may fail often; one account from one place may not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from idp.core.clock import Clock
from idp.core.errors import TooSoon
from idp.core.ids import keyed_hash
from idp.store import throttles
from idp.store.session import Tx, UnitOfWork

WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Limits:
    """Failures allowed in a window."""

    account_and_place: int = 6
    account: int = 60
    place: int = 600
    window: timedelta = WINDOW


@dataclass(frozen=True, slots=True)
class Ticket:
    """A counted attempt; `pair` and `account` are empty when only the place counts, `place` when only the name does."""

    pair: str
    account: str
    place: str


class Throttle:
    def __init__(self, uow: UnitOfWork, clock: Clock, key: bytes, limits: Limits | None = None) -> None:
        self._uow = uow
        self._clock = clock
        self._key = key
        self._limits = limits or Limits()

    def enter(self, account: str | None, place: str) -> Ticket:
        """Counts an attempt; raises TooSoon when there were too many. No name or address is stored.

        `account` is None where nobody says who they are before they prove it: then only the place counts, or all who
        sign in so would share one account's count.
        """
        ticket = Ticket(pair="", account="", place=self._hash("place", place))
        limits = {ticket.place: self._limits.place}
        if account is not None:
            named = account.casefold()
            ticket = Ticket(self._hash("pair", named, place), self._hash("account", named), ticket.place)
            limits = {
                ticket.pair: self._limits.account_and_place,
                ticket.account: self._limits.account,
                ticket.place: self._limits.place,
            }
        self._count(limits)
        return ticket

    def enter_alone(self, name: str) -> Ticket:
        """Counts an attempt by a name alone, wherever it comes from, against `Limits.account`. Raises TooSoon."""
        ticket = Ticket(pair="", account=self._hash("account", name), place="")
        self._count({ticket.account: self._limits.account})
        return ticket

    def start_afresh(self, tx: Tx, ticket: Ticket) -> None:
        """It was the right person, and nothing of what `enter_alone` counted before is held against them."""
        throttles.clear(tx, ticket.account)

    def _count(self, limits: Mapping[str, int]) -> None:
        now = self._clock.now()
        worst = now
        with self._uow.write() as tx:
            counted = throttles.count(tx, tuple(limits), now=now, window=self._limits.window)
        for key, (failures, ends) in counted.items():
            if failures > limits[key]:
                worst = max(worst, ends)
        if worst > now:
            raise TooSoon("too many attempts", retry_after=max(1, int((worst - now).total_seconds())))

    def passed(self, tx: Tx, ticket: Ticket) -> None:
        """It was the right person: the attempt did not count, and the pair starts afresh."""
        if ticket.account:
            throttles.clear(tx, ticket.pair)
            throttles.forgive(tx, ticket.account)
        throttles.forgive(tx, ticket.place)

    def forgive(self, tx: Tx, ticket: Ticket) -> None:
        """It was no guess: a part of ours did not answer. The attempt did not count, and nothing else is forgotten."""
        for key in (ticket.pair, ticket.account, ticket.place):
            if key:
                throttles.forgive(tx, key)

    def _hash(self, *parts: str) -> str:
        return keyed_hash(self._key, "throttle", *parts).hex()
