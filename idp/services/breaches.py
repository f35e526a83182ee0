"""Breaches of personal data: registered, told to the authorised body within one working day, with what the law wants.

Law № 94-V art. 25(2)(8); Order № 481/НҚ: the responsible person's contacts, the measures taken, and of the subjects the
name and/or ИИН and/or mobile number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from idp.core.calendar import WorkingDays
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.core.names import search_key
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.listing import Asked, Found
from idp.services.person_facts import said_reason
from idp.store import audit, breaches
from idp.store.session import Tx, UnitOfWork

WORKING_DAYS = 1
LONGEST = 4000
_FOUND = 20
_GROUPS = ("all", "pupils", "guardians", "staff")


@dataclass(frozen=True, slots=True)
class Listed:
    """One breach as pages show it; `days_left` are working days, negative when overdue."""

    id: str
    school_id: str
    school: str
    school_ru: str
    detected_at: datetime
    due_on: date
    what: str
    measures: str
    contact: str
    people: int
    notified_at: datetime | None
    notified_how: str
    closed_at: datetime | None
    is_late: bool

    @property
    def state(self) -> str:
        """`closed`, `told`, `late` or `open`."""
        if self.closed_at is not None:
            return "closed"
        if self.notified_at is not None:
            return "told"
        return "late" if self.is_late else "open"


@dataclass(frozen=True, slots=True)
class Notice:
    """What goes to the authorised body; `people` are (name, ИИН or empty, phone or empty)."""

    breach: Listed
    people: list[tuple[str, str, str]]


class Breaches:
    """`working_days` gives the days of a school; `open_iin` unseals the number of a person."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, working_days: Callable[[Tx, str], WorkingDays],
        open_iin: Callable[[str, bytes], str],
    ) -> None:  # fmt: skip
        self._uow = uow
        self._clock = clock
        self._working_days = working_days
        self._open_iin = open_iin

    def listed(self, scope: Scope, asked: Asked) -> Found[Listed]:
        """What must still be told on top."""
        with self._uow.read() as tx:
            rows, total = breaches.listed(tx, scope, offset=asked.offset, limit=asked.per_page)
        return Found([self._listed(row) for row in rows], total, asked)

    def untold(self, scope: Scope) -> tuple[int, int]:
        """How many must still be told, and how many of them are overdue."""
        with self._uow.read() as tx:
            return breaches.untold(tx, scope, today=local_date(self._clock.now()))

    def one(self, scope: Scope, breach_id: str) -> Listed:
        """Raises NotFound outside the scope."""
        with self._uow.read() as tx:
            return self._listed(self._found(tx, scope, breach_id))

    def register(
        self, actor: Actor, scope: Scope, school_id: str, *, what: str, detected_at: datetime, measures: str = "",
        contact: str = "",
    ) -> str:  # fmt: skip
        """Writes a breach down; the clock runs from when it was detected. Returns its id.

        Raises Invalid (`breach_incomplete`) without a description, or detected in the future.
        """
        now = self._clock.now()
        what = _said(what)
        if not what or detected_at > now:
            raise Invalid("what happened, and when it was found out", code="breach_incomplete")
        with self._uow.write() as tx:
            due_on = self._working_days(tx, school_id).after(local_date(detected_at), WORKING_DAYS)
            row = {
                "id": new_id(), "school_id": school_id, "detected_at": detected_at, "due_on": due_on, "what": what,
                "measures": _said(measures), "contact": _said(contact), "registered_by": actor.person_id,
            }  # fmt: skip
            breaches.add(tx, scope, row)
            self._record(tx, "registered", actor, row, now)
        return str(row["id"])

    def describe(self, actor: Actor, scope: Scope, breach_id: str, *, what: str, measures: str, contact: str) -> None:
        """Raises Invalid (`breach_incomplete`) for an empty description, Conflict (`breach_closed`)."""
        if not _said(what):
            raise Invalid("what happened", code="breach_incomplete")
        values = {"what": _said(what), "measures": _said(measures), "contact": _said(contact)}
        self._change(actor, scope, breach_id, values, "described")

    def told(self, actor: Actor, scope: Scope, breach_id: str, how: str) -> None:
        """The authorised body was told now, once: the moment is evidence and is not written over.

        Raises Invalid (`breach_incomplete`) without the way it was told, and while the measures or the responsible
        person, which the notice must name, are missing; Conflict (`breach_told`) the second time.
        """
        if not _said(how):
            raise Invalid("how it was told", code="breach_incomplete")
        now = self._clock.now()
        with self._uow.write() as tx:
            row = self._unclosed(tx, scope, breach_id)
            if row["notified_at"] is not None:
                raise Conflict("it was told already", code="breach_told")
            if not (row["measures"] and row["contact"]):
                raise Invalid("no notice without measures and contacts", code="breach_incomplete")
            breaches.change(tx, scope, breach_id, {"notified_at": now, "notified_how": _said(how)})
            self._record(tx, "told", actor, row, now)

    def close(self, actor: Actor, scope: Scope, breach_id: str) -> None:
        """Raises Conflict (`breach_untold`) while the authorised body does not know."""
        if self.one(scope, breach_id).notified_at is None:
            raise Conflict("the authorised body was not told yet", code="breach_untold")
        self._change(actor, scope, breach_id, {"closed_at": self._clock.now()}, "closed")

    def name_people(self, actor: Actor, scope: Scope, breach_id: str, who: str) -> int:
        """Adds `all`, `pupils`, `guardians`, `staff`, `class:<id>` or `person:<id>` of the school; how many are new."""
        kind, _, key = who.partition(":")
        if not (who in _GROUPS or (kind in ("class", "person") and key)):
            raise Invalid("nobody was chosen", code="breach_incomplete")
        now = self._clock.now()
        with self._uow.write() as tx:
            row = self._unclosed(tx, scope, breach_id)
            added = breaches.name_people(tx, scope, breach_id, who=who, today=local_date(now))
            self._record(tx, "people_named", actor, row, now, {"who": kind, "rows": added})
        return added

    def forget_people(self, actor: Actor, scope: Scope, breach_id: str, person_id: str = "") -> int:
        """Takes one person, or everybody, off the list."""
        now = self._clock.now()
        with self._uow.write() as tx:
            row = self._unclosed(tx, scope, breach_id)
            gone = breaches.forget_people(tx, scope, breach_id, person_id)
            self._record(tx, "people_taken_off", actor, row, now, {"rows": gone})
        return gone

    def people(self, scope: Scope, breach_id: str, asked: Asked) -> Found[tuple[str, str]]:
        """(id, name) of whose data it was."""
        with self._uow.read() as tx:
            total = int(self._found(tx, scope, breach_id)["people"])
            rows = breaches.people(tx, scope, breach_id, offset=asked.offset, limit=asked.per_page)
        return Found([(row["id"], row["name"]) for row in rows], total, asked)

    def candidates(self, scope: Scope, words: str) -> list[tuple[str, str]]:
        """(id, name) of people of the school whose name has these words in it, some at most."""
        folded = search_key(*words.split()).split()
        if not folded:
            return []
        with self._uow.read() as tx:
            return breaches.find(tx, scope, folded, limit=_FOUND)

    def classes(self, scope: Scope) -> list[tuple[str, str]]:
        with self._uow.read() as tx:
            return breaches.classes(tx, scope)

    def notice(self, actor: Actor, scope: Scope, breach_id: str, *, reason: str, kind: str) -> Notice:
        """Everything the law demands, with the ИИН in clear: the only door for it, with a reason, and written down,
        of everybody whose number is in it as well.

        Raises Invalid (`reason`) without one, or with a number in it.
        """
        reason = said_reason(reason)
        with self._uow.read() as tx:
            row = self._found(tx, scope, breach_id)
            people = breaches.people(tx, scope, breach_id)
        # Unsealing takes time for many people: before the transaction, not in it.
        rows = [
            (one["name"], self._open_iin(one["id"], one["iin_sealed"]) if one["iin_sealed"] else "", one["phone"])
            for one in people
        ]
        shown = [one["id"] for one in people if one["iin_sealed"] and one["id"] != actor.person_id]
        now = self._clock.now()
        with self._uow.write() as tx:
            data = {"rows": len(rows), "format": kind, "reason": reason}
            self._record(tx, "exported", actor, row, now, data)
            audit.record_many(
                tx, shown, event="iin_shown", now=now, actor_id=actor.person_id, school_id=row["school_id"],
                data={"reason": reason, "role": actor.role, "breach": breach_id},
            )  # fmt: skip
        return Notice(self._listed(row), rows)

    def _change(self, actor: Actor, scope: Scope, breach_id: str, values: Mapping[str, Any], step: str) -> None:
        with self._uow.write() as tx:
            row = self._unclosed(tx, scope, breach_id)
            breaches.change(tx, scope, breach_id, values)
            self._record(tx, step, actor, row, self._clock.now())

    def _found(self, tx: Tx, scope: Scope, breach_id: str) -> Mapping[str, Any]:
        row = breaches.one(tx, scope, breach_id)
        if row is None:
            raise NotFound("no such breach")
        return row

    def _unclosed(self, tx: Tx, scope: Scope, breach_id: str) -> Mapping[str, Any]:
        row = self._found(tx, scope, breach_id)
        if row["closed_at"] is not None:
            raise Conflict("it is closed", code="breach_closed")
        return row

    def _record(
        self, tx: Tx, step: str, actor: Actor, row: Mapping[str, Any], now: datetime,
        data: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        facts = {"breach": row["id"], "step": step, **(data or {})}
        audit.record(
            tx, event="breach_changed", now=now, actor_id=actor.person_id, school_id=row["school_id"], data=facts
        )

    def _listed(self, row: Mapping[str, Any]) -> Listed:
        known = {name: row[name] for name in Listed.__dataclass_fields__ if name in row}
        names = {"school": row.get("school", ""), "school_ru": row.get("school_ru") or row.get("school", "")}
        is_late = row["notified_at"] is None and local_date(self._clock.now()) > row["due_on"]
        return Listed(**{**known, **names, "is_late": is_late})


def _said(text: str) -> str:
    return text.replace("\x00", "").strip()[:LONGEST]
