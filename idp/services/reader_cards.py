"""Cards as readers of modules ask about them: only at schools where the client is on, and not to guess numbers.

A number that no card has costs: a reader that tries numbers one after the other is slowed down like who guesses
passwords, and schools' readers in daily use are not.
"""

from __future__ import annotations

from collections.abc import Callable

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.oidc.client import Client
from idp.oidc.subjects import Subjects
from idp.services.cards import Cards
from idp.services.throttle import Limits, Throttle
from idp.store import clients, people
from idp.store.session import UnitOfWork

LIMITS = Limits(account_and_place=200, account=200, place=2000)
"""Unknown numbers of one client at one school in ten minutes."""


class ReaderCards:
    def __init__(
        self, uow: UnitOfWork, clock: Clock, cards: Cards, subjects: Subjects, throttle: Callable[[Limits], Throttle]
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._cards = cards
        self._subjects = subjects
        self._throttle = throttle

    def resolve(self, client: Client, school_id: str, number: str, format_: str = "") -> dict[str, str]:
        """`card`, `sub` (the client's own names for them), `school`, `state`: only `active` lets pass.

        Raises NotFound (`card_unknown`, or a school where the client is off), TooSoon, and as `Cards.resolve`.
        """
        with self._uow.read() as tx:
            today = local_date(self._clock.now())
            if client.record.all_schools:
                is_off = school_id in clients.schools_off(tx, client.client_id, today=today)
                is_on = not is_off and school_id in people.schools(tx, school_id)
            else:
                is_on = school_id in clients.schools_on(tx, client.client_id, today=today)
        if not is_on:
            raise NotFound("no such school, or the client is not switched on there")
        throttle = self._throttle(LIMITS)
        ticket = throttle.enter(f"cards {client.client_id}", school_id)
        found = self._cards.resolve(school_id, number, format_)
        with self._uow.write() as tx:
            throttle.forgive(tx, ticket)
        sector = client.record.sector
        return {
            "card": self._subjects.record(sector, "cards", found.card_id),
            "sub": self._subjects.sub(sector, found.person_id),
            "school": found.school_id,
            "state": found.state,
        }
