"""The inbox of who is responsible for personal data (Law № 94-V art. 25(2)(10), 25(3)), and what an answer does.

Answering «yes» does the thing in the transaction of the answer, so that no answer says what was not done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from idp.core.calendar import WorkingDays
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.core.scope import Scope
from idp.services import erasure as destroying
from idp.services import person_form, rank
from idp.services import scope as scopes
from idp.services.acting import Actor
from idp.services.consent_ends import Ends
from idp.services.listing import Asked, Found
from idp.services.subject_requests import FIELDS, LONGEST, Listed, listed
from idp.store import audit, directory, erasure, feed, person_edits, subject_requests
from idp.store.session import Tx, UnitOfWork

NEVER_REFUSED = ("access", "objection")
"""Access is free and always given (art. 24(1)); no decision is made by a machine alone, which is the answer itself."""


class SubjectAnswers:
    """`working_days` gives the days of a school in the caller's transaction."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, working_days: Callable[[Tx, str], WorkingDays], ends: Ends
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._working_days = working_days
        self._ends = ends

    def inbox(self, scope: Scope, asked: Asked) -> Found[Listed]:
        """What is due first on top; filters `state` (`open`, or empty for all) and `kind`."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            rows, total = subject_requests.inbox(
                tx, scope, state=asked.filters.get("state", ""), kind=asked.filters.get("kind", ""),
                words=asked.words.casefold(), offset=asked.offset, limit=asked.per_page,
            )  # fmt: skip
            days = {school: self._working_days(tx, school) for school in {row["school_id"] for row in rows}}
        return Found([listed(row, days[row["school_id"]], today) for row in rows], total, asked)

    def waiting(self, scope: Scope) -> tuple[int, int]:
        """How many are open, and how many of them overdue."""
        with self._uow.read() as tx:
            return subject_requests.waiting(tx, scope, today=local_date(self._clock.now()))

    def one(self, scope: Scope, request_id: str) -> Listed:
        """Raises NotFound outside the scope."""
        with self._uow.read() as tx:
            row = subject_requests.one(tx, scope, request_id)
            if row is None:
                raise NotFound("no such request")
            return listed(row, self._working_days(tx, row["school_id"]), local_date(self._clock.now()))

    def roles_today(self, scope: Scope, request_id: str) -> list[tuple[str, str]]:
        """(school, role) that the person of a request holds today: what destruction would have to end."""
        with self._uow.read() as tx:
            row = subject_requests.one(tx, scope, request_id)
            if row is None:
                raise NotFound("no such request")
            held = erasure.memberships_today(tx, row["person_id"], today=local_date(self._clock.now()))
        return [(school, role) for _id, school, role in held]

    def refuse(self, actor: Actor, scope: Scope, request_id: str, reason: str) -> None:
        """Raises Invalid (`reason_missing`) without a reason, Denied (`never_refused`) for what may not be refused."""
        reason = _said(reason)
        if not reason:
            raise Invalid("a refusal needs its reason", code="reason_missing")
        now = self._clock.now()
        with self._uow.write() as tx:
            row = self._open(tx, scope, request_id)
            if row["kind"] in NEVER_REFUSED:
                raise Denied("this request may not be refused", code="never_refused")
            self._close(tx, actor, scope, row, "refused", reason, now)

    def answer(
        self, actor: Actor, scope: Scope, request_id: str, *, text: str = "", fields: Mapping[str, str] | None = None,
        end_roles: bool = False,
    ) -> None:  # fmt: skip
        """Does what was asked and says so.

        `fields` are the corrections as the papers have them, where they differ from what was asked. `end_roles` agrees
        that somebody who still learns or works leaves the school today, without which nothing is destroyed: Conflict
        (`still_here`). Conflict (`held_elsewhere`) when another school holds them too; (`request_closed`) when
        somebody answered before; Denied for one's own request (`own_request`) and for an account that can do more
        than the actor's (`person_above`).
        """
        text, now = _said(text), self._clock.now()
        with self._uow.write() as tx:
            row = self._open(tx, scope, request_id)
            if actor.person_id in (row["person_id"], row["requester_id"]):
                raise Denied("nobody answers their own request", code="own_request")
            if row["kind"] == "objection" and not text:
                raise Invalid("an objection is answered in words", code="reason_missing")
            if row["kind"] in ("correction", "destruction"):
                rank.check_above(tx, actor, row["person_id"], today=local_date(now))
            self._close(tx, actor, scope, row, "done", text, now)
            if row["kind"] == "correction":
                self._correct(tx, actor, scope, row, fields or row["details"].get("fields", {}), now)
            elif row["kind"] in ("blocking", "unblocking"):
                self._restrict(tx, actor, row, now)
            elif row["kind"] == "destruction":
                self._destroy(tx, actor, scope, row, now, end_roles=end_roles)

    def _open(self, tx: Tx, scope: Scope, request_id: str) -> Mapping[str, Any]:
        row = subject_requests.one(tx, scope, request_id)
        if row is None:
            raise NotFound("no such request")
        if row["state"] != "open":
            raise Conflict("it has been answered already", code="request_closed")
        return row

    def _close(
        self, tx: Tx, actor: Actor, scope: Scope, row: Mapping[str, Any], state: str, text: str, now: datetime
    ) -> None:
        values = {"state": state, "answer": text, "answered_by": actor.person_id, "closed_at": now}
        if not subject_requests.close(tx, scope, row["id"], values):
            raise Conflict("it has been answered already", code="request_closed")
        late = local_date(now) > row["due_on"]
        audit.record(
            tx, event="subject_request_answered", now=now, actor_id=actor.person_id, person_id=row["person_id"],
            school_id=row["school_id"],
            data={"request": row["id"], "kind": row["kind"], "state": state, "late": late},
        )  # fmt: skip

    def _correct(
        self, tx: Tx, actor: Actor, scope: Scope, row: Mapping[str, Any], fields: Mapping[str, str], now: datetime
    ) -> None:
        """By the rules of the console's own form, which checks again what somebody typed days ago."""
        given = {name: str(fields[name]) for name in FIELDS if str(fields.get(name, "")).strip()}
        # Through an app too a mistake is corrected in data that are blocked.
        everybody = scopes.of_actor(scope.person, scope.role, scope.schools)
        stored = directory.one(tx, everybody, row["person_id"])
        if not given or stored is None:
            raise Invalid("nothing to correct", code="request_incomplete")
        form = {name: str(stored[name] or "") for name in (*FIELDS, "language")} | given
        checked, wrong = person_form.read(form, today=local_date(now))
        if wrong.keys() & given.keys():
            raise Invalid("a value is not as it should be", code="request_incomplete")
        keys = ("sort_key", "search_key")
        values = {name: value for name, value in checked.columns.items() if name in given or name in keys}
        person_edits.change(tx, row["person_id"], {**values, "updated_at": now})
        if "birth_date" in values:
            self._ends.rebound(tx, row["person_id"], now=now)
        self._changed(tx, row["person_id"], now)
        audit.record(
            tx, event="person_changed", now=now, actor_id=actor.person_id, person_id=row["person_id"],
            school_id=row["school_id"], data={"fields": sorted(given), "request": row["id"]},
        )  # fmt: skip

    def _restrict(self, tx: Tx, actor: Actor, row: Mapping[str, Any], now: datetime) -> None:
        at = now if row["kind"] == "blocking" else None
        erasure.restrict(tx, row["person_id"], at=at, now=now)
        self._changed(tx, row["person_id"], now)
        event = {"now": now, "actor_id": actor.person_id, "person_id": row["person_id"], "school_id": row["school_id"]}
        if at is None:
            audit.record(tx, event="person_unrestricted", data={"request": row["id"]}, **event)
        else:
            audit.record(tx, event="person_restricted", data={"request": row["id"]}, **event)

    def _destroy(
        self, tx: Tx, actor: Actor, scope: Scope, row: Mapping[str, Any], now: datetime, *, end_roles: bool
    ) -> None:
        held = erasure.memberships_today(tx, row["person_id"], today=local_date(now))
        if any(not scope.allows(school) for _id, school, _role in held):
            raise Conflict("another school holds this person too", code="held_elsewhere")
        if held and not end_roles:
            raise Conflict("this person still learns or works here", code="still_here")
        destroying.erase(tx, row["person_id"], by=actor.person_id, why="request", now=now, school_id=row["school_id"])

    def _changed(self, tx: Tx, person_id: str, now: datetime) -> None:
        schools = erasure.schools(tx, person_id)
        feed.append(tx, "people", "changed", [(school, person_id) for school in schools], now=now)


def _said(text: str) -> str:
    return text.replace("\x00", "").strip()[:LONGEST]
