"""Who acts in the console, and how far: decided from the session and the active membership, at every request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.core.errors import Denied, NotFound
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.services.rights import ALL, CLASS, RIGHTS, Right
from idp.store import audit, reach
from idp.store.session import UnitOfWork

REFUSALS_KEPT = 30
"""An hour, for one actor: a script that tries every school must not fill the log."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody in one role at one organisation; `amr` and `acr` say how they signed in, `auth_time` when."""

    person_id: str
    membership_id: str
    role: str
    organisation_id: str
    acr: str
    amr: Sequence[str]
    auth_time: datetime
    session_id: str

    def holds(self, right: str) -> bool:
        """Whether the role holds it at all; how far it reaches, `Acting.at` finds out."""
        return self.role in RIGHTS[right].reach


class StepUp(Denied):
    """Known, entitled, and not surely enough there: prove it again, at least at `acr`."""

    code = "step_up"

    def __init__(self, acr: str) -> None:
        super().__init__("a stronger or more recent sign-in is needed")
        self.acr = acr


class Acting:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def actor(
        self, *, person_id: str, membership_id: str | None, acr: str, amr: Sequence[str], auth_time: datetime,
        session_id: str = "",
    ) -> Actor:  # fmt: skip
        """The actor of a session or a grant. Raises Denied for who has no role at an organisation today."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            held = reach.membership(tx, person_id, membership_id or "", today=today)
        if held is None:
            raise Denied("no role at an organisation", code="no_role")
        return Actor(person_id, held.id, held.role, held.school_id, acr, tuple(amr), auth_time, session_id)

    def at(self, actor: Actor, right: str, school_id: str) -> Scope:
        """The scope in which an actor uses a right at one organisation.

        Raises NotFound for what lies outside the actor's reach, as for what does not exist; Denied for a right that
        the role does not hold; StepUp for a sign-in too weak or too old. What is denied is audited.
        """
        how_far = RIGHTS[right].reach.get(actor.role)
        if how_far is None:
            self._refuse(actor, right, school_id)
            raise Denied("the role does not hold this right", code="no_right")
        now = self._clock.now()
        with self._uow.read() as tx:
            is_within = school_id == actor.organisation_id or (
                how_far == ALL and reach.is_below(tx, school_id, actor.organisation_id)
            )
            classes = reach.own_classes(tx, actor.person_id, school_id, today=local_date(now)) if is_within else ()
        if not is_within:
            self._refuse(actor, right, school_id)
            raise NotFound("no such school")
        self.check_strength(actor, RIGHTS[right])
        return scopes.of_actor(
            actor.person_id, actor.role, (school_id,), classes=tuple(classes) if how_far == CLASS else None
        )

    def below(self, actor: Actor, right: str) -> Scope:
        """The scope over every organisation that a right reaches, the own one included. Raises as `at` does."""
        how_far = RIGHTS[right].reach.get(actor.role)
        if how_far is None:
            self._refuse(actor, right, "")
            raise Denied("the role does not hold this right", code="no_right")
        if how_far != ALL:
            return self.at(actor, right, actor.organisation_id)
        self.check_strength(actor, RIGHTS[right])
        with self._uow.read() as tx:
            schools = reach.below(tx, actor.organisation_id)
        return scopes.of_actor(actor.person_id, actor.role, tuple(schools))

    def check_strength(self, actor: Actor, right: Right) -> None:
        """Raises StepUp when the sign-in is too weak or too old for a right."""
        is_old = right.recent is not None and self._clock.now() - actor.auth_time > right.recent
        if is_old or not levels.satisfies(actor.acr, (right.acr,)):
            raise StepUp(right.acr)

    def refused(self, actor: Actor, right: str, school_id: str, why: str) -> None:
        """Writes down what was denied below the door: `why` is the code of the refusal. In a transaction of its own,
        for the one that it ended in is rolled back.
        """
        self._refuse(actor, right, school_id, why)

    def _refuse(self, actor: Actor, right: str, school_id: str, why: str = "") -> None:
        """Writes it down; who knocks on and on is written down REFUSALS_KEPT times an hour, then once more."""
        now = self._clock.now()
        with self._uow.read() as tx:
            before = audit.number_since(
                tx, "access_denied", actor_id=actor.person_id, since=now - timedelta(hours=1), most=REFUSALS_KEPT + 1
            )
        if before > REFUSALS_KEPT:
            return
        more: dict[str, object] = {"more": True} if before == REFUSALS_KEPT else {}
        if why:
            more["why"] = why
        with self._uow.write() as tx:
            audit.record(
                tx,
                event="access_denied",
                now=now,
                actor_id=actor.person_id,
                school_id=school_id[:32],
                data={"right": right, "role": actor.role} | more,
            )
