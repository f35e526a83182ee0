"""The end of a school year as one reviewed operation: what is proposed, what is done, and how it is taken back.

Classes get their successor with the same people, the last grade leaves, exceptions are named pupil by pupil. A school
is one short transaction of bulk statements, whatever the size of the region.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, NotFound
from idp.core.ids import new_id
from idp.core.names import full_name
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.services.promotion_plan import (
    AT_LEAST_BETWEEN,
    CLASS_ACTIONS,
    PUPIL_ACTIONS,
    Moves,
    Step,
    moves,
    opens_on,
    steps,
    year_of,
)
from idp.store import audit, classes, feed, guardian_memberships, organisations, promotion, school_years
from idp.store.session import Tx, UnitOfWork

EndConsents = Callable[[Tx, str, Sequence[str], date], int]
"""(tx, school, people who left, today): what they consented to there ends (D4)."""
_TOUCH = ("classes", "memberships", "cards")
"""With records of people that ended: of whom was merged or erased since, nothing is opened again."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`applied_at` is None while it is a plan; then `report` is empty."""

    year: int
    steps: Sequence[Step]
    applied_at: datetime | None
    report: Mapping[str, int]
    may_undo: bool

    @property
    def raised(self) -> int:
        return sum(step.pupils - step.staying - step.leaving for step in self.steps if step.action == "raise")

    @property
    def leaving(self) -> int:
        left = sum(step.pupils - step.staying for step in self.steps if step.action == "leave")
        return left + sum(step.leaving for step in self.steps if step.action != "leave")


class Years:
    def __init__(self, uow: UnitOfWork, clock: Clock, end_consents: EndConsents) -> None:
        self._uow = uow
        self._clock = clock
        self._end_consents = end_consents

    def preview(self, scope: Scope, school_id: str) -> Preview:
        """Raises NotFound outside the scope."""
        now = self._clock.now()
        today = local_date(now)
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.read() as tx:
            kind = _kind(tx, scope, school_id)
            year = _year(tx, here, school_id, today)
            row = promotion.of_year(tx, here, school_id, year)
            applied_at = row["applied_at"] if row else None
            if applied_at is not None:
                assert row is not None
                touched = promotion.touched_since(tx, here, _TOUCH, after=applied_at)
                return Preview(row["year"], (), applied_at, row["report"], not touched)
            pupils, _ = _people(tx, here, today)
            found = steps(promotion.homerooms(tx, here), pupils, row["plan"] if row else {}, kind)
        return Preview(year, found, None, {}, False)

    def pupils(self, scope: Scope, school_id: str, class_id: str) -> list[tuple[str, str, str]]:
        """(person, name, exception) of one class, in Kazakh order. Raises NotFound outside the scope."""
        today = local_date(self._clock.now())
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.read() as tx:
            if classes.one(tx, here, class_id) is None:
                raise NotFound("no such class")
            row = promotion.of_year(tx, here, school_id, _year(tx, here, school_id, today))
            rows = classes.members(tx, here, today=today, class_id=class_id, roles=("pupil",))
        said = row["plan"].get("pupils", {}) if row else {}
        return [
            (one["person_id"], full_name(one["family_name"], one["given_name"], one["middle_name"]),
             said.get(one["person_id"], ""))
            for one in rows
        ]  # fmt: skip

    def decide(
        self, scope: Scope, actor_id: str, school_id: str, *, of_classes: Mapping[str, str],
        of_pupils: Mapping[str, str],
    ) -> None:  # fmt: skip
        """Keeps decisions for the plan; unknown words and ids of other schools are passed over.

        Raises Conflict (`year_applied`) when the year has been applied.
        """
        today = local_date(self._clock.now())
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.write() as tx:
            year = _year(tx, here, school_id, today)
            row = promotion.of_year(tx, here, school_id, year)
            plan = dict(row["plan"]) if row else {}
            rooms = {one["id"] for one in promotion.homerooms(tx, here)}
            pupils, _ = _people(tx, here, today)
            people = {one["person_id"] for one in pupils}
            plan["classes"] = _merged(plan.get("classes", {}), of_classes, rooms, CLASS_ACTIONS)
            plan["pupils"] = _merged(plan.get("pupils", {}), of_pupils, people, PUPIL_ACTIONS)
            fresh = {
                "id": new_id(), "school_id": school_id, "year": year, "plan": plan, "changed_by": actor_id,
            }  # fmt: skip
            if not promotion.save_plan(tx, here, fresh):
                raise Conflict("the year was moved already", code="year_applied")
            data = {"year": year, "classes": len(of_classes), "pupils": len(of_pupils)}
            audit.record(
                tx, event="year_planned", now=self._clock.now(), actor_id=actor_id, school_id=school_id, data=data
            )

    def apply(self, scope: Scope, actor_id: str, school_id: str) -> Mapping[str, int]:
        """Does what the plan says, once: a second press finds it done and changes nothing. Returns the numbers.

        Raises Conflict: `year_too_early` before the school year comes to its end, `year_applied`.
        """
        now = self._clock.now()
        today = local_date(now)
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.write() as tx:
            kind = _kind(tx, scope, school_id)
            year = _year(tx, here, school_id, today)
            row = promotion.of_year(tx, here, school_id, year)
            if row is not None and row["applied_at"] is not None:
                return dict(row["report"])
            _check_due(tx, here, year, today)
            plan = row["plan"] if row else {}
            promotion_id = row["id"] if row else new_id()
            if row is None:
                promotion.save_plan(tx, here, {
                    "id": promotion_id, "school_id": school_id, "year": year, "plan": {}, "changed_by": actor_id,
                })  # fmt: skip
            rooms = promotion.homerooms(tx, here)
            pupils, teachers = _people(tx, here, today)
            planned = steps(rooms, pupils, plan, kind)
            found = moves(
                planned, {one["id"]: one for one in rooms}, pupils, teachers, plan.get("pupils", {}), new_id=new_id,
                today=today,
            )  # fmt: skip
            if not promotion.claim(tx, here, promotion_id, by=actor_id, report=found.numbers, now=now):
                raise Conflict("the year was moved already", code="year_applied")
            self._write(tx, here, school_id, promotion_id, actor_id, found, now=now)
            data = {"year": year, **found.numbers}
            audit.record(tx, event="year_promoted", now=now, actor_id=actor_id, school_id=school_id, data=data)
        return found.numbers

    def undo(self, scope: Scope, actor_id: str, school_id: str) -> None:
        """Takes back the move of this year; consents that ended with it do not come back.

        Raises Conflict: `year_touched` once classes, memberships or cards of the school changed afterwards,
        `year_not_applied` when there is nothing to take back.
        """
        now = self._clock.now()
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.write() as tx:
            year = _year(tx, here, school_id, local_date(now))
            row = promotion.of_year(tx, here, school_id, year)
            if row is None or row["applied_at"] is None:
                raise Conflict("nothing to take back", code="year_not_applied")
            if promotion.touched_since(tx, here, _TOUCH, after=row["applied_at"]):
                raise Conflict("the school has changed since", code="year_touched")
            rows = promotion.changes(tx, row["id"])
            promotion.reopen(tx, here, row["id"], by=actor_id)
            promotion.take_back(tx, here, row["id"], rows)
            for table, kind in (("classes", "classes"), ("enrolments", "memberships"), ("memberships", "memberships"),
                                ("cards", "cards")):  # fmt: skip
                for action, wanted in (("ended", True), ("changed", False)):
                    ids = [row_id for name, row_id, before in rows if name == table and (not before) is wanted]
                    feed.append(tx, kind, action, [(school_id, one) for one in ids], now=now)
            data = {"year": year, "rows": len(rows)}
            audit.record(tx, event="year_undone", now=now, actor_id=actor_id, school_id=school_id, data=data)

    def promote_many(
        self, scope: Scope, actor_id: str, *, progress: Callable[[str, int], None] = lambda _step, _count: None
    ) -> dict[str, int]:
        """Every school of the scope with the plan it has, else the proposal; one after another, so that memory does
        not grow with the region. Schools that were moved already are left alone; those whose year does not end yet are
        counted as `early`. Returns the numbers of all.
        """
        total: dict[str, int] = {}
        with self._uow.read() as tx:
            schools = sorted(row["id"] for row in organisations.every(tx, scope) if row["status"] == "active")
        for done, school_id in enumerate(schools, start=1):
            try:
                numbers = self.apply(scope, actor_id, school_id)
            except Conflict as refused:
                if refused.code != "year_too_early":
                    raise
                numbers = {"early": 1}
            for name, count in numbers.items():
                total[name] = total.get(name, 0) + count
            progress("schools", done)
        return total

    def _write(
        self, tx: Tx, here: Scope, school_id: str, promotion_id: str, actor_id: str, found: Moves, *, now: datetime
    ) -> None:
        today = local_date(now)
        leavers = sorted(found.leavers)
        enrolments, cards = promotion.held_by_leavers(tx, here, leavers, today=today)
        ended = list(dict.fromkeys([*found.ended, *enrolments]))
        left = [found.leavers[person] for person in leavers]
        promotion.add(tx, here, promotion_id, "classes", found.classes)
        promotion.change(tx, here, promotion_id, "classes", found.closed, {"status": "ended"})
        promotion.change(tx, here, promotion_id, "enrolments", ended, {"end": today})
        promotion.add(tx, here, promotion_id, "enrolments", found.enrolments)
        for grade, memberships in found.grades.items():
            promotion.change(tx, here, promotion_id, "memberships", memberships, {"grade": grade})
        promotion.change(tx, here, promotion_id, "memberships", left, {"end": today})
        childless = guardian_memberships.left_childless(tx, here, leavers, today=today)
        promotion.change(tx, here, promotion_id, "memberships", childless, {"end": today})
        promotion.change(
            tx, here, promotion_id, "cards", cards,
            {"state": "returned", "reason": "left", "changed_at": now, "changed_by": actor_id},
        )  # fmt: skip
        self._end_consents(tx, school_id, leavers, today)
        for person in leavers:
            audit.record(tx, event="school_left", now=now, actor_id=actor_id, person_id=person, school_id=school_id,
                         data={"year": year_of(today)})  # fmt: skip
        raised = [one for ids in found.grades.values() for one in ids]
        for kind, action, ids in (
            ("classes", "added", [row["id"] for row in found.classes]), ("classes", "ended", found.closed),
            ("memberships", "ended", [*ended, *left, *childless]),
            ("memberships", "added", [row["id"] for row in found.enrolments]), ("memberships", "changed", raised),
            ("cards", "ended", cards),
        ):  # fmt: skip
            feed.append(tx, kind, action, [(school_id, one) for one in ids], now=now)


def _year(tx: Tx, here: Scope, school_id: str, today: date) -> int:
    """The year that is moved now; the last one while it was moved only lately, or was planned and not moved."""
    last = promotion.last(tx, here, school_id)
    if last is not None and today - local_date(last[1]) < AT_LEAST_BETWEEN:
        return last[0]
    year = year_of(today)
    late = promotion.of_year(tx, here, school_id, year - 1) if year > today.year else None
    return year - 1 if late is not None and late["applied_at"] is None else year


def _check_due(tx: Tx, here: Scope, year: int, today: date) -> None:
    years = [row for row in school_years.sessions(tx, here) if row["type"] == "schoolYear"]
    ends = [row["end"] for row in years if row["school_year"] == year]
    if today < opens_on(year, max(ends, default=None)):
        raise Conflict("the school year does not end yet", code="year_too_early")


def _kind(tx: Tx, scope: Scope, school_id: str) -> str:
    row = organisations.one(tx, scope, school_id)
    if row is None:
        raise NotFound("no such organisation")
    return str(row["type"])


def _people(tx: Tx, here: Scope, today: date) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """(pupils, teachers) in open homerooms."""
    rows = promotion.places(tx, here, today=today)
    pupils = [row for row in rows if row["role"] == "pupil"]
    return pupils, [row for row in rows if row["role"] != "pupil"]


def _merged(was: Mapping[str, str], said: Mapping[str, str], known: set[str], words: tuple[str, ...]) -> dict[str, str]:
    fresh = {key: word for key, word in said.items() if key in known and word in words}
    return {key: word for key, word in {**was, **fresh}.items() if word}
