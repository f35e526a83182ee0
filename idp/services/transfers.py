"""A pupil changes schools and stays the same person: one reviewed act, written down at both schools.

Only by a code that the old school hands to the family: who knows an ИИН and a name must not be able to take a child
away from a school that has not let it go.
The old school's place ends on the day and the new one's begins. Cards of the old school are returned, consents given
to it end; guardians stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict
from idp.core.ids import code, typed_code
from idp.core.names import full_name
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.services.acting import Actor
from idp.services.consent_ends import Ends
from idp.services.guardian_acts import follow
from idp.services.person_edits import begin_membership, check_account, tell_begun
from idp.services.person_form import Mistakes
from idp.services.throttle import Throttle, Ticket
from idp.store import audit, cards, feed, one_time, person_edits, transfers
from idp.store.session import Tx, UnitOfWork
from idp.store.transfers import Learner

PURPOSE = "transfer"
GOOD_FOR = timedelta(days=14)
_GROUPS = (4, 4, 4)
_HELD = ("active", "blocked")


@dataclass(frozen=True, slots=True)
class Coming:
    """Who would come, for the review. `school` in the reader's language."""

    person_id: str
    name: str
    birth_date: date | None
    school: str
    grade: str


class Transfers:
    def __init__(self, uow: UnitOfWork, clock: Clock, ends: Ends, throttle: Callable[[], Throttle]) -> None:
        self._uow = uow
        self._clock = clock
        self._ends = ends
        self._throttle = throttle

    def offer(self, actor: Actor, scope: Scope, person_id: str) -> str:
        """A code for the pupil's family to bring to the new school: good once, for 14 days, shown now and never again.

        Raises NotFound, Conflict (`person_left`).
        """
        now = self._clock.now()
        made = code(*_GROUPS)
        with self._uow.write() as tx:
            check_account(tx, actor, scope, person_id, local_date(now))
            here = [
                one for one in transfers.learners(tx, person_id, today=local_date(now)) if scope.allows(one.school_id)
            ]
            if not here:
                raise Conflict("who has left is not changed here", code="person_left")
            about = {"person": person_id, "school": here[0].school_id}
            one_time.put(tx, typed_code(made), purpose=PURPOSE, data=about, now=now, ttl=GOOD_FOR)
            audit.record(
                tx, event="transfer_offered", now=now, actor_id=actor.person_id, person_id=person_id,
                school_id=here[0].school_id,
            )  # fmt: skip
        return made

    def find(self, actor: Actor, scope: Scope, typed: str, *, language: str = "kk") -> Coming:
        """Who a code stands for. Raises Mistakes (`key`), TooSoon. Every question is written down."""
        ticket = self._enter(actor, scope)
        with self._uow.write() as tx:
            found = self._found(tx, scope, typed, self._clock.now())
            if found is not None:
                self._throttle().passed(tx, ticket)
            self._asked(tx, actor, scope, found)
        if found is None:
            raise Mistakes({"key": "transfer"})
        name = full_name(found.family_name, found.given_name, found.middle_name)
        school = found.school_ru if language == "ru" else found.school
        return Coming(found.person_id, name, found.birth_date, school, found.grade)

    def _enter(self, actor: Actor, scope: Scope) -> Ticket:
        return self._throttle().enter(f"transfer {actor.person_id}", f"transfer {scope.schools[0]}")

    def _asked(self, tx: Tx, actor: Actor, scope: Scope, found: Learner | None) -> None:
        audit.record(
            tx, event="transfer_asked", now=self._clock.now(), actor_id=actor.person_id,
            person_id=found.person_id if found else "", school_id=scope.schools[0], data={"found": found is not None},
        )  # fmt: skip

    def _found(self, tx: Tx, scope: Scope, typed: str, now: datetime) -> Learner | None:
        """The school that made the code must still be the pupil's."""
        about = one_time.peek(tx, typed_code(typed), purpose=PURPOSE, now=now)
        if about is None:
            return None
        held = transfers.learners(tx, about["person"], today=local_date(now))
        if any(scope.allows(one.school_id) for one in held):
            return None
        for one in held:
            if one.school_id == about["school"] and one.status == "active" and not one.is_restricted:
                return one
        return None

    def receive(self, actor: Actor, scope: Scope, typed: str, class_id: str) -> str:
        """Takes the pupil over into a class of the one school of the scope; returns the person.

        Raises Mistakes (`key`, `class`), Conflict, TooSoon. A code is spent; of two at once one wins.
        """
        ticket = self._enter(actor, scope)
        now = self._clock.now()
        with self._uow.write() as tx:
            found = self._found(tx, scope, typed, now)
            if found is not None:
                self._take(tx, actor, scope, found, typed, class_id, now)
                self._throttle().passed(tx, ticket)
            else:
                self._asked(tx, actor, scope, None)
        if found is None:
            raise Mistakes({"key": "transfer"})
        return found.person_id

    def _take(
        self, tx: Tx, actor: Actor, scope: Scope, found: Learner, typed: str, class_id: str, now: datetime
    ) -> None:
        person_edits.hold(tx, found.person_id)
        if one_time.consume(tx, typed_code(typed), purpose=PURPOSE, now=now) is None:
            raise Mistakes({"key": "transfer"})
        still = [one.membership_id for one in transfers.learners(tx, found.person_id, today=local_date(now))]
        if found.membership_id not in still:
            raise Conflict("the pupil was transferred a moment before", code="try_again")
        self._leave(tx, actor, found, now)
        made = begin_membership(
            tx, actor, scope, found.person_id, "pupil", class_id, is_primary=True, today=local_date(now)
        )
        tell_begun(tx, scope, found.person_id, made, now)
        follow(tx, found.person_id, left=found.school_id, joined=scope.schools[0], now=now, today=local_date(now))
        self._tell(tx, actor, scope, found, now)

    def _leave(self, tx: Tx, actor: Actor, found: Learner, now: datetime) -> None:
        today, old = local_date(now), scopes.of_operator((found.school_id,))
        ended = transfers.end_pupil(tx, old, found.person_id, today=today)
        ended += person_edits.end_enrolments(tx, old, found.person_id, ("pupil",), today=today)
        feed.append(tx, "memberships", "ended", ended, now=now)
        for card in cards.of_person(tx, old, found.person_id):
            if card.state in _HELD:
                cards.move(tx, old, card.id, states=_HELD, to="returned", reason="left", by=actor.person_id, now=now)
                feed.append(tx, "cards", "ended", [(found.school_id, card.id)], now=now)
                audit.record(
                    tx, event="card_returned", now=now, actor_id=actor.person_id, person_id=found.person_id,
                    school_id=found.school_id, data={"card": card.id, "hint": card.number_hint, "reason": "left"},
                )  # fmt: skip
        end_consents(self._ends, tx, found.school_id, found.person_id, now)

    def _tell(self, tx: Tx, actor: Actor, scope: Scope, found: Learner, now: datetime) -> None:
        new = scope.schools[0]
        feed.append(tx, "people", "changed", [(new, found.person_id), (found.school_id, found.person_id)], now=now)
        feed.append(
            tx, "guardianships", "changed", [(new, one) for one in transfers.links_of(tx, found.person_id)], now=now
        )
        audit.record(
            tx, event="transferred_out", now=now, actor_id=actor.person_id, person_id=found.person_id,
            school_id=found.school_id, data={"other": new},
        )  # fmt: skip
        audit.record(
            tx, event="transferred_in", now=now, actor_id=actor.person_id, person_id=found.person_id, school_id=new,
            data={"other": found.school_id},
        )  # fmt: skip


def end_consents(ends: Ends, tx: Tx, school_id: str, person_id: str, now: datetime) -> int:
    """What was consented to at the old school ends on the day (order-456 reference D4); returns how many."""
    return ends.leavers(tx, school_id, [person_id], local_date(now), now=now)
