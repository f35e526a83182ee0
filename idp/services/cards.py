"""The one register of cards (order-456 reference R1.1): issue, block, replace, return, and whose card a number is.

Entry, canteen and badge look here, so one block stops all. Every step has its author and time in the audit trail. The
number is kept as a keyed hash: whoever copies the table can make no card. No database constraint is left to chance: one
active card a person and one holder a number are unique indexes, and who loses a race gets Conflict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.core import card_number
from idp.core.card_number import CardNumber
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import keyed_hash, new_id
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.store import audit, cards, feed
from idp.store.cards import HELD, CardRow, Hashes
from idp.store.session import Tx, UnitOfWork

BLOCK_REASONS = ("lost", "stolen", "broken", "other")
REPLACE_REASONS = ("broken", "lost", "stolen", "other")
RETURN_REASONS = ("left", "other")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Whose card a number is. `state` is that of the card, or `left` when its holder is not of the school any more."""

    card_id: str
    person_id: str
    school_id: str
    state: str


class Cards:
    def __init__(self, uow: UnitOfWork, clock: Clock, secret: Callable[[str], bytes]) -> None:
        """`secret("card_number")` must stay the same for ever: every card hangs on it."""
        self._uow = uow
        self._clock = clock
        self._secret = secret

    # Numbers

    def hashes(self, number: CardNumber, school_id: str) -> Hashes:
        """A whole number is unique in the world, 24 bits only among the cards of one school."""
        key = self._secret("card_number")
        short = keyed_hash(key, "w26", school_id, number.short) if number.short else None
        if not number.is_whole:
            assert short is not None
            return Hashes(short, short, is_whole=False)
        return Hashes(keyed_hash(key, "uid", number.canonical), short, is_whole=True)

    def read(self, school_id: str, text: str, format_: str = "") -> CardNumber:
        """A number as typed or read. Without a format the school's own counts. Raises as `core.card_number.read`."""
        return card_number.read(text, format_ or self.number_format(school_id))

    def number_format(self, school_id: str) -> str:
        with self._uow.read() as tx:
            return cards.number_format(tx, school_id)

    def set_number_format(self, scope: Scope, school_id: str, format_: str) -> None:
        """How the school's readers give numbers. Raises Invalid for what is no format."""
        if format_ not in card_number.FORMATS:
            raise Invalid("no such format")
        with self._uow.write() as tx:
            cards.set_number_format(tx, scope, school_id, format_)
            audit.record(
                tx, event="card_format_set", now=self._clock.now(), actor_id=scope.person, school_id=school_id,
                data={"format": format_},
            )  # fmt: skip

    # Steps

    def issue(self, scope: Scope, school_id: str, person_key: str, text: str, format_: str = "") -> str:
        """Gives somebody of the school a card, a returned piece of plastic too; returns the card's id.

        `person_key` is an id or a username. Raises NotFound for who is not of the school, Conflict
        (`card_already_active`, `card_number_taken`), and as `read`.
        """
        number = self.read(school_id, text, format_)
        hashes = self.hashes(number, school_id)
        with self._uow.read() as tx:
            person_id = self._holder(tx, scope, person_key)
        with self.writing() as tx:
            self._holder(tx, scope, person_id)
            if person_id in cards.active_of(tx, scope, [person_id]):
                raise Conflict("the person has an active card", code="card_already_active")
            self._check_free(tx, scope, person_id, hashes)
            return self.add(tx, scope, school_id, person_id, hashes, number.hint)

    def add(
        self, tx: Tx, scope: Scope, school_id: str, person_id: str, hashes: Hashes, hint: str, *, by: str = ""
    ) -> str:
        """Writes a card in the caller's transaction, with its traces. Raises IntegrityError when it may not be."""
        now, card_id = self._clock.now(), new_id()
        row: dict[str, Any] = {
            "id": card_id, "school_id": school_id, "person_id": person_id, "number_hash": hashes.number,
            "short_hash": hashes.short, "number_hint": hint, "state": "active", "reason": "", "issued_at": now,
            "issued_by": scope.person, "changed_at": now, "changed_by": scope.person,
        }  # fmt: skip
        cards.add(tx, scope, row)
        audit.record(
            tx, event="card_issued", now=now, actor_id=scope.person, person_id=person_id, school_id=school_id,
            data={"card": card_id, "hint": hint} | ({"by": by} if by else {}),
        )  # fmt: skip
        feed.append(tx, "cards", "added", [(school_id, card_id)], now=now)
        return card_id

    def block(self, scope: Scope, card_id: str, reason: str) -> None:
        """From the next question on nobody lets this card in. Blocking twice is no error. Raises NotFound, Conflict."""
        _one_of(reason, BLOCK_REASONS)
        with self.writing() as tx:
            found = self._one(tx, scope, card_id)
            self._block(tx, scope, found, reason, by=scope.person)

    def block_own(self, by: str, person_id: str, reason: str = "lost") -> None:
        """A person, or who may act for them (which the caller has asked), reports the card lost. Raises NotFound."""
        _one_of(reason, BLOCK_REASONS)
        with self.writing() as tx:
            found = cards.held_by(tx, person_id)
            if found is None:
                raise NotFound("no card")
            self._block(tx, scopes.of_person(by, "", (found.school_id,)), found, reason, by=by)

    def _block(self, tx: Tx, scope: Scope, found: CardRow, reason: str, *, by: str) -> None:
        if found.state == "blocked":
            return
        moved = self._move(tx, scope, found, ("active",), "blocked", reason, by=by)
        audit.record(
            tx, event="card_blocked", now=self._clock.now(), actor_id=by, person_id=moved.person_id,
            school_id=moved.school_id, data={"card": moved.id, "hint": moved.number_hint, "reason": reason},
        )  # fmt: skip

    def unblock(self, scope: Scope, card_id: str) -> None:
        """It was found again. Raises NotFound, and Conflict when another card has taken its place meanwhile."""
        with self.writing() as tx:
            found = self._one(tx, scope, card_id)
            moved = self._move(tx, scope, found, ("blocked",), "active", "", by=scope.person)
            audit.record(
                tx, event="card_unblocked", now=self._clock.now(), actor_id=scope.person, person_id=moved.person_id,
                school_id=moved.school_id, data={"card": moved.id, "hint": moved.number_hint},
            )  # fmt: skip

    def replace(self, scope: Scope, card_id: str, text: str, format_: str = "", *, reason: str) -> str:
        """Another card in the place of this one, which works no more; returns the new one's id.

        Raises NotFound, Conflict (`card_number_taken`), and as `read`.
        """
        _one_of(reason, REPLACE_REASONS)
        with self._uow.read() as tx:
            school_id = self._one(tx, scope, card_id).school_id
        number = self.read(school_id, text, format_)
        hashes = self.hashes(number, school_id)
        with self.writing() as tx:
            found = self._one(tx, scope, card_id)
            self._holder(tx, scope, found.person_id)
            self._check_free(tx, scope, found.person_id, hashes)
            moved = self._move(tx, scope, found, HELD, "replaced", reason, by=scope.person)
            new = self.add(tx, scope, school_id, found.person_id, hashes, number.hint)
            cards.move(
                tx, scope, moved.id, states=("replaced",), to="replaced", reason=reason, by=scope.person,
                now=self._clock.now(), replaced_by_id=new,
            )  # fmt: skip
            audit.record(
                tx, event="card_replaced", now=self._clock.now(), actor_id=scope.person, person_id=moved.person_id,
                school_id=school_id,
                data={"card": moved.id, "hint": moved.number_hint, "reason": reason, "replaced_by": new},
            )  # fmt: skip
        return new

    def take_back(self, scope: Scope, card_id: str, reason: str) -> None:
        """The plastic came back to the school, which may give it to somebody else. Raises NotFound, Conflict."""
        _one_of(reason, RETURN_REASONS)
        with self.writing() as tx:
            found = self._one(tx, scope, card_id)
            if found.state == "returned":
                return
            moved = self._move(tx, scope, found, HELD, "returned", reason, by=scope.person)
            audit.record(
                tx, event="card_returned", now=self._clock.now(), actor_id=scope.person, person_id=moved.person_id,
                school_id=moved.school_id, data={"card": moved.id, "hint": moved.number_hint, "reason": reason},
            )  # fmt: skip

    # Questions

    def resolve(self, school_id: str, text: str, format_: str = "") -> Resolved:
        """For readers: whose card this is at this school, and whether it may pass (`state` active).

        A number that was replaced or returned is told as such. Raises NotFound for a number no card of the school
        has, Conflict (`card_number_ambiguous`) when two held cards share the 24 bits that were read, and as `read`.
        """
        number = self.read(school_id, text, format_)
        scope = scopes.of_reader(school_id)
        with self._uow.read() as tx:
            fitting = cards.by_number(tx, scope, self.hashes(number, school_id))
            if not fitting:
                raise NotFound("no card of this school has the number", code="card_unknown")
            held = [one for one in fitting if one.state in HELD]
            if len(held) > 1:
                raise Conflict("several cards of the school share these digits", code="card_number_ambiguous")
            found = fitting[0]
            is_there = cards.is_there(tx, scope, found.person_id, today=local_date(self._clock.now()))
        state = "left" if found.state == "active" and not is_there else found.state
        return Resolved(found.id, found.person_id, found.school_id, state)

    def find(self, scope: Scope, school_id: str, text: str, format_: str = "") -> list[CardRow]:
        """Cards with a number, for people who hold one in their hand; only of holders that the scope reaches."""
        hashes = self.hashes(self.read(school_id, text, format_), school_id)
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            found = cards.by_number(tx, scope, hashes)
            return [row for row in found if cards.one(tx, scope, row.id, today=today) is not None]

    def mine(self, person_id: str) -> CardRow | None:
        """Somebody's card as it is now: the active one, else the blocked one."""
        with self._uow.read() as tx:
            return cards.held_by(tx, person_id)

    # Inside

    def _holder(self, tx: Tx, scope: Scope, key: str) -> str:
        found = cards.holder(tx, scope, key.strip(), today=local_date(self._clock.now()))
        if found is None:
            raise NotFound("nobody of this school", code="card_holder_unknown")
        return found

    def _one(self, tx: Tx, scope: Scope, card_id: str) -> CardRow:
        found = cards.one(tx, scope, card_id, today=local_date(self._clock.now()))
        if found is None:
            raise NotFound("no such card")
        return found

    def _move(
        self, tx: Tx, scope: Scope, found: CardRow, states: tuple[str, ...], to: str, reason: str, *, by: str
    ) -> CardRow:
        now = self._clock.now()
        moved = cards.move(tx, scope, found.id, states=states, to=to, reason=reason, by=by, now=now)
        if moved is None:
            raise Conflict("the card is in another state by now", code="card_changed")
        feed.append(tx, "cards", "ended" if to in ("replaced", "returned") else "changed",
                    [(moved.school_id, moved.id)], now=now)  # fmt: skip
        return moved

    def _check_free(self, tx: Tx, scope: Scope, person_id: str, hashes: Hashes) -> None:
        if cards.holders_of_numbers(tx, person_id, [hashes.number]) or any(
            row.state in HELD and row.person_id != person_id for row in cards.by_number(tx, scope, hashes)
        ):
            raise Conflict("somebody holds a card with this number", code="card_number_taken")

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """A write transaction in which a race that is lost becomes Conflict."""
        try:
            with self._uow.write() as tx:
                yield tx
        except IntegrityError as error:
            is_number = "uq_cards_held_number" in str(error.orig) or "number_hash" in str(error.orig)
            code = "card_number_taken" if is_number else "card_already_active"
            raise Conflict("somebody was faster", code=code) from error


def _one_of(word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise Invalid("no such reason")
