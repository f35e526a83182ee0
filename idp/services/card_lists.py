"""The register of cards as the console shows it: lists, and one person's cards with every step and its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.clock import Clock, local_date
from idp.core.names import full_name, search_key
from idp.core.scope import Scope
from idp.services.listing import Asked, Found
from idp.store import cards
from idp.store.cards import HELD, CardRow
from idp.store.session import UnitOfWork

NONE = "none"
"""The filter for people without an active card."""
STATES = ("active", "blocked", "replaced", "returned", NONE)


@dataclass(frozen=True, slots=True)
class ListedCard:
    """`state` is `none` for somebody without an active card; `class_title` is empty for staff."""

    card_id: str
    person_id: str
    name: str
    class_title: str
    state: str
    reason: str
    hint: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    event: str
    hint: str
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class PersonCards:
    """`held` is the card that counts now, active or blocked; None without one."""

    held: CardRow | None
    cards: Sequence[CardRow]
    steps: Sequence[Step]
    can_get_one: bool
    """Learns or works here today."""


class CardLists:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def listed(self, scope: Scope, asked: Asked) -> Found[ListedCard]:
        """Filters `state` (one of STATES) and `class` (an id); words are beginnings of names."""
        state = asked.filters.get("state", "")
        is_without = state == NONE
        with self._uow.read() as tx:
            rows, total = cards.listed(
                tx, scope, state="" if is_without or state not in STATES else state,
                class_id=asked.filters.get("class", ""), words=search_key(asked.words).split(), without=is_without,
                today=local_date(self._clock.now()), offset=asked.offset, limit=asked.per_page,
            )  # fmt: skip
        found = [
            ListedCard(
                row.id, row.person_id, full_name(row.family_name, row.given_name, row.middle_name), row.class_title,
                row.state or NONE, row.reason, row.number_hint, row.changed_at,
            )
            for row in rows
        ]  # fmt: skip
        return Found(found, total, asked)

    def classes(self, scope: Scope) -> list[tuple[str, str]]:
        """(id, title) for the filter."""
        with self._uow.read() as tx:
            return cards.classes(tx, scope, today=local_date(self._clock.now()))

    def of_person(self, scope: Scope, person_id: str) -> PersonCards:
        """What the scope's schools gave this person. Whether the scope reaches them, `Directory.face` has told."""
        with self._uow.read() as tx:
            rows = cards.of_person(tx, scope, person_id)
            steps = cards.history(tx, scope, person_id)
            holder = cards.holder(tx, scope, person_id, today=local_date(self._clock.now()))
        held = next((row for state in HELD for row in rows if row.state == state), None)
        told = [
            Step(one.at, one.event, str(one.data.get("hint", "")), str(one.data.get("reason", "")),
                 full_name(*one.actor_names))
            for one in steps
        ]  # fmt: skip
        return PersonCards(held, rows, told, holder is not None)
