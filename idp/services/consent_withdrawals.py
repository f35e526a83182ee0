"""A consent taken back (Law № 94-V art. 8(2), 8(7)): what we control stops at once, the school's days begin.

The 15 working days run from the first notice about a consent. Said again while they run, it is the same notice and
moves nothing, so that a school cannot win days by refusing. A refusal in its time has answered the notice (art. 8(2));
what is said after those days is a new one. A consent given anew is another consent, with days of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict
from idp.services import consent_questions, consent_signers
from idp.services.consent_ends import revoke
from idp.services.consent_seal import Seals
from idp.services.consent_signers import Hand
from idp.services.consent_writing import Writing
from idp.services.school_days import SchoolDays
from idp.store import consent_records
from idp.store.consent_records import RecordRow
from idp.store.session import Tx, UnitOfWork

STOP_WITHIN = 15
"""Working days from withdrawal until dependent processing has stopped (art. 8(7))."""


class ConsentWithdrawals:
    def __init__(self, uow: UnitOfWork, clock: Clock, seals: Seals, days: SchoolDays) -> None:
        self._uow = uow
        self._clock = clock
        self._days = days
        self._writing = Writing(seals, clock)

    def withdraw(self, hand: Hand, person_id: str, record_id: str) -> RecordRow:
        """Takes a consent back, whoever of those who may sign has given it; returns it with its `stop_by`.

        Raises StepUp, NotFound, Denied as `DataConsents.give`, Conflict `consent_not_in_force`. Twice is as good as
        once, also after the school has said that it stopped.
        """
        now = self._clock.now()
        hand.check_notice(now)
        with self._uow.write() as tx:
            row, subject = consent_questions.answered(tx, person_id, record_id, today=local_date(now))
            consent_signers.signer(tx, subject, hand.person_id, today=local_date(now))
            return self.take(tx, row, hand.person_id, {"channel": "mfa"})

    def take(
        self, tx: Tx, row: RecordRow, by: str, note: Mapping[str, Any], *, actor_id: str = "",
        received: date | None = None,
    ) -> RecordRow:  # fmt: skip
        """In the caller's transaction, of a locked `row`. The days run from when the notice came: today, or the day
        that a paper says it was `received`. Raises Conflict `consent_not_in_force`."""
        if row.state in ("withdrawn", "stopped"):
            return row
        if row.state != "given":
            raise Conflict("the consent does not hold", code="consent_not_in_force")
        now = self._clock.now()
        taken = (row, *self._beside(tx, row))
        days = self._days.working_days(tx, row.school_id)
        stop_by = min([days.after(received or local_date(now), STOP_WITHIN), *_running(taken, local_date(now))])
        data = dict(note) | {"stop_by": stop_by.isoformat()}
        saved = [
            self._writing.record(
                tx, one, event="data_consent_withdrawn", change="ended", actor_id=actor_id or by, data=data,
                withdrawn_at=now, withdrawn_by=by, stop_by=stop_by, refusal="", proof=_with_refusal(one),
            )
            for one in taken
        ]  # fmt: skip
        revoke(tx, saved, now=now)
        return saved[0]._replace(state="withdrawn")

    def _beside(self, tx: Tx, row: RecordRow) -> list[RecordRow]:
        """Others that hold for the same: two records of one person, found to be one, may each have brought theirs."""
        same = (row.school_id, row.purpose, row.recipient)
        rows = consent_records.of_person(tx, row.person_id, today=local_date(self._clock.now()), lock=True)
        held = [one for one in rows if one.state == "given" and one.id != row.id]
        return [one for one in held if (one.school_id, one.purpose, one.recipient) == same]


def _running(rows: Sequence[RecordRow], today: date) -> list[date]:
    """Last days of earlier notices about the same, refused meanwhile, that are not over."""
    return [row.stop_by for row in rows if row.refusal and row.stop_by is not None and row.stop_by >= today]


def _with_refusal(row: RecordRow) -> Mapping[str, Any]:
    """The proof with a refusal that was answered to an earlier withdrawal: taking back again does not unsay it."""
    if not row.refusal:
        return row.proof
    assert row.withdrawn_at is not None
    refused = {"withdrawn_at": row.withdrawn_at.isoformat(), "reason": row.refusal}
    return dict(row.proof) | {"refusals": [*row.proof.get("refusals", ()), refused]}
