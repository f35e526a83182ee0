"""A request of the subject on paper: who has no account, or no longer one, has the same rights.

Law № 94-V art. 24, 25; nobody is forced into a digital way (Digital Code art. 40).
The clock runs from the day the paper came, not from the day it was entered. A correction needs no request: who has the
paper in hand corrects the record by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from idp.core.calendar import WorkingDays
from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services.acting import Actor
from idp.services.consent_channels import paper_day
from idp.services.subject_requests import KINDS, LONGEST, mistakes
from idp.store import audit, consent_people, directory, subject_requests
from idp.store.session import Tx, UnitOfWork

PAPER_KINDS = tuple(kind for kind in KINDS if kind != "correction")
_LONGEST_NUMBER = 100


class RequestPapers:
    """`working_days` gives the days of a school in the caller's transaction."""

    def __init__(self, uow: UnitOfWork, clock: Clock, working_days: Callable[[Tx, str], WorkingDays]) -> None:
        self._uow = uow
        self._clock = clock
        self._working_days = working_days

    def askers(self, scope: Scope, person_id: str) -> list[tuple[str, str]]:
        """(id, name) of who may have signed: the person, and who may act for them now. Raises NotFound."""
        today = local_date(self._clock.now())
        with self._uow.read() as tx:
            name = self._name(tx, scope, person_id)
            rows = consent_people.guardians(tx, person_id, today=today)
            acting = [one for one in rows if consent_people.acts_for(tx, one["person_id"], person_id, today=today)]
        return [(person_id, name), *((str(one["person_id"]), str(one["name"])) for one in acting)]

    def enter(
        self, actor: Actor, scope: Scope, school_id: str, kind: str, *, about: str, by: str, said: Mapping[str, str]
    ) -> str:
        """`said` has `number`, `date` (when it came) and `text`. Returns the request's id.

        Raises Invalid `paper_number`, `paper_date` or `request_incomplete`, NotFound for somebody beyond the scope and
        for who may not act for them, Conflict `request_open` while the same request waits.
        """
        now = self._clock.now()
        today, came, number = local_date(now), paper_day(said), " ".join(said.get("number", "").split())
        text = said.get("text", "").replace("\x00", "").strip()
        if came > today:
            raise Invalid("the day of the paper cannot be", code="paper_date")
        if not number or len(number) > _LONGEST_NUMBER or not number.isprintable():
            raise Invalid("the number of the paper is missing", code="paper_number")
        if kind not in PAPER_KINDS or mistakes(kind, text, {}) or len(text) > LONGEST:
            raise Invalid("the request is not complete", code="request_incomplete")
        with self._uow.write() as tx:
            self._name(tx, scope, about, lock=True)
            if by != about and not consent_people.acts_for(tx, by, about, today=today):
                raise NotFound("nobody they may act for")
            if subject_requests.is_open(tx, about, kind, school_id):
                raise Conflict("the same request waits already", code="request_open")
            paper = {"number": number, "date": came.isoformat(), "entered_by": actor.person_id}
            row = {
                "id": new_id(), "school_id": school_id, "kind": kind, "requester_id": by, "text": text, "made_at": now,
                "details": {"paper": paper}, "state": "open", "due_on": self._due(tx, school_id, came, kind),
            }  # fmt: skip
            subject_requests.add(tx, about, row)
            audit.record(
                tx, event="subject_request_made", now=now, actor_id=actor.person_id, person_id=about,
                school_id=school_id, data={"request": row["id"], "kind": kind, "channel": "paper"},
            )  # fmt: skip
        return str(row["id"])

    def _due(self, tx: Tx, school_id: str, came: date, kind: str) -> date:
        return self._working_days(tx, school_id).after(came, KINDS[kind].days)

    def _name(self, tx: Tx, scope: Scope, person_id: str, *, lock: bool = False) -> str:
        """Of somebody the school holds data of, now or from before. Raises NotFound."""
        person = consent_people.subject(tx, person_id, lock=lock)
        if person is None or person.status in ("erased", "merged") or not directory.within(tx, scope, person_id):
            raise NotFound("no such person")
        return person.name
