"""What somebody may demand about their own or their child's data, and the clock of each demand.

Law № 94-V art. 24 (access), 25(2)(8) (correction, blocking, destruction: one working day), 19-1 (objection to an
automated decision: three working days); Digital Code art. 41. Nothing is asked for it, and no reason is needed to ask.
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
from idp.core.names import full_name
from idp.oneroster.values import MAX_TEXT, is_email, iso_date
from idp.oneroster.values import phone as phone_number
from idp.store import audit, person_edits, subject_requests
from idp.store.session import Tx, UnitOfWork
from idp.store.subject_requests import About


@dataclass(frozen=True, slots=True)
class Term:
    """`days` are working days after the day it was made; `by_law` is false for a term that we chose ourselves."""

    days: int
    by_law: bool = True


KINDS: Mapping[str, Term] = {
    "access": Term(3, by_law=False),
    "correction": Term(1),
    "blocking": Term(1),
    "unblocking": Term(1),
    "destruction": Term(1),
    "objection": Term(3),
}
FIELDS = ("family_name", "given_name", "middle_name", "birth_date", "sex", "email", "phone")
LONGEST = 2000
_MUST_SAY = ("correction", "blocking", "objection")
"""Which paper says otherwise; what was violated; which decision."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One request as pages show it; names are full names, `days_left` working days, negative when overdue."""

    id: str
    kind: str
    person_id: str
    person: str
    requester: str
    school_id: str
    school: str
    school_ru: str
    text: str
    fields: Mapping[str, str]
    made_at: datetime
    due_on: date
    state: str
    answer: str
    closed_at: datetime | None
    days_left: int
    is_restricted: bool
    is_own: bool = False
    """Made by who looks: then it can be taken back."""

    @property
    def is_late(self) -> bool:
        return self.state == "open" and self.days_left < 0


class SubjectRequests:
    """`working_days` gives the days of a school in the caller's transaction."""

    def __init__(self, uow: UnitOfWork, clock: Clock, working_days: Callable[[Tx, str], WorkingDays]) -> None:
        self._uow = uow
        self._clock = clock
        self._working_days = working_days

    def subjects(self, person_id: str) -> list[About]:
        """Whom a request of this person may be about: themselves, and children they may act for now."""
        with self._uow.read() as tx:
            return subject_requests.subjects(tx, person_id, today=local_date(self._clock.now()))

    def make(
        self, requester_id: str, kind: str, *, about: str, school_id: str, text: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Puts a request into the school's inbox; returns its id.

        Raises Invalid (`request_incomplete`) for what `mistakes` names, NotFound for somebody whom the requester may
        not act for, and Conflict (`request_open`) while the same request waits.
        """
        changes = {name: value.strip() for name, value in (fields or {}).items() if name in FIELDS and value.strip()}
        if kind not in KINDS or mistakes(kind, text, changes):
            raise Invalid("the request is not complete", code="request_incomplete")
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            known = {(one.person_id, one.school_id) for one in subject_requests.subjects(tx, requester_id, today=today)}
            if (about, school_id) not in known:
                raise NotFound("nobody you may act for")
            person_edits.hold(tx, about)
            if subject_requests.is_open(tx, about, kind, school_id):
                raise Conflict("the same request waits already", code="request_open")
            row = {
                "id": new_id(), "school_id": school_id, "kind": kind, "requester_id": requester_id,
                "text": text.replace("\x00", "").strip(), "made_at": now,
                "details": {"fields": changes} if kind == "correction" else {},
                "due_on": self._working_days(tx, school_id).after(today, KINDS[kind].days), "state": "open",
            }  # fmt: skip
            subject_requests.add(tx, about, row)
            audit.record(
                tx, event="subject_request_made", now=now, actor_id=requester_id, person_id=about,
                school_id=school_id, data={"request": row["id"], "kind": kind},
            )  # fmt: skip
        return str(row["id"])

    def take_back(self, requester_id: str, request_id: str) -> None:
        """Raises NotFound for a request that is not theirs, or about a child they may not act for now; Conflict
        (`request_closed`) for one that is closed."""
        now = self._clock.now()
        with self._uow.write() as tx:
            row = subject_requests.one_of_person(tx, requester_id, request_id, today=local_date(now))
            if row is None or row["requester_id"] != requester_id:
                raise NotFound("no such request")
            if not subject_requests.take_back(tx, requester_id, request_id, row["school_id"], now=now):
                raise Conflict("it has been answered already", code="request_closed")
            audit.record(
                tx, event="subject_request_taken_back", now=now, actor_id=requester_id, person_id=row["person_id"],
                school_id=row["school_id"], data={"request": request_id, "kind": row["kind"]},
            )  # fmt: skip

    def of_person(self, person_id: str) -> list[Listed]:
        """What was asked about somebody and what they asked about children whose link holds now, newest first."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            rows = subject_requests.of_person(tx, person_id, today=today)
            days = {school: self._working_days(tx, school) for school in {row["school_id"] for row in rows}}
        return [listed(row, days[row["school_id"]], today, person_id) for row in rows]

    def one_of_person(self, person_id: str, request_id: str) -> Listed:
        """Raises NotFound for what `of_person` does not list."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            row = subject_requests.one_of_person(tx, person_id, request_id, today=today)
            if row is None:
                raise NotFound("no such request")
            return listed(row, self._working_days(tx, row["school_id"]), today, person_id)


def mistakes(kind: str, text: str, fields: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a form, by field: `missing`, `too_long` or `malformed`."""
    found: dict[str, str] = {}
    if kind in _MUST_SAY and not text.strip():
        found["text"] = "missing"
    if len(text) > LONGEST:
        found["text"] = "too_long"
    if kind == "correction" and not any(value.strip() for value in fields.values()):
        found["fields"] = "missing"
    checks: dict[str, Callable[[str], bool]] = {
        "birth_date": iso_date, "email": is_email, "phone": lambda value: phone_number(value) is not None,
        "sex": lambda value: value in ("female", "male"),
    }  # fmt: skip
    for name, value in fields.items():
        if len(value) > MAX_TEXT:
            found[name] = "too_long"
        elif value.strip() and not checks.get(name, str.isprintable)(value.strip()):
            found[name] = "malformed"
    return found


def listed(row: Mapping[str, Any], days: WorkingDays, today: date, reader_id: str = "") -> Listed:
    """A row of the store as pages show it."""
    return Listed(
        id=row["id"],
        kind=row["kind"],
        person_id=row["person_id"],
        person=full_name(row["family_name"], row["given_name"], row["middle_name"])
        or ("…" if row["person_status"] == "erased" else row["username"]),
        requester=full_name(row["by_family"], row["by_given"], row["by_middle"]),
        school_id=row["school_id"],
        school=row["school"],
        school_ru=row["school_ru"] or row["school"],
        text=row["text"],
        fields=dict(row["details"].get("fields", {})),
        made_at=row["made_at"],
        due_on=row["due_on"],
        state=row["state"],
        answer=row["answer"],
        closed_at=row["closed_at"],
        days_left=days.between(today, row["due_on"]) or (0 if today <= row["due_on"] else -1),
        is_restricted=row["restricted_at"] is not None,
        is_own=row["requester_id"] == reader_id,
    )
