"""What the school answers to a withdrawal: it has stopped, or it refuses with a reason (Law № 94-V art. 8(2), 8(7))."""

from __future__ import annotations

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.services import scope as scopes
from idp.services.consent_seal import Seals
from idp.services.consent_writing import Writing
from idp.store import consent_people, consent_records
from idp.store.consent_records import RecordRow
from idp.store.session import Tx, UnitOfWork

_SHORTEST, _LONGEST = 10, 1000


class ConsentAnswers:
    def __init__(self, uow: UnitOfWork, clock: Clock, seals: Seals) -> None:
        self._uow = uow
        self._clock = clock
        self._writing = Writing(seals, clock)

    def confirm_stopped(self, actor_id: str, school_id: str, record_id: str) -> None:
        """What depended on a withdrawn consent has stopped, late or not. Twice is as good as once.

        Raises NotFound, Conflict `consent_answered` for what is no open withdrawal.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            row = self._withdrawn(tx, school_id, record_id)
            if row.stopped_at is None:
                is_late = row.stop_by is not None and local_date(now) > row.stop_by
                self._writing.record(
                    tx, row, event="data_consent_stopped", actor_id=actor_id, data={"late": is_late}, stopped_at=now
                )

    def refuse(self, actor_id: str, school_id: str, record_id: str, reason: str) -> None:
        """The law forbids it or an obligation is open: the consent holds again, and the person reads the reason.

        Raises Invalid `reason`, `reason_repeated` for the words of an earlier refusal; NotFound, Conflict
        `consent_answered`, also when the person has answered the same again since, or `consent_refusal_late` after the
        15th working day, when nothing but stopping is left.
        """
        words = reason.strip()
        if not _SHORTEST <= len(words) <= _LONGEST:
            raise Invalid("a refusal names its reason", code="reason")
        with self._uow.write() as tx:
            row = self._withdrawn(tx, school_id, record_id)
            if row.stopped_at is not None:
                raise Conflict("the processing has stopped", code="consent_answered")
            if self._is_overtaken(tx, row):
                raise Conflict("there is a later answer", code="consent_answered")
            if row.stop_by is not None and local_date(self._clock.now()) > row.stop_by:
                raise Conflict("the days for an answer are over", code="consent_refusal_late")
            if any(words == one["reason"] for one in row.proof.get("refusals", ())):
                raise Invalid("what still stands in the way is said anew", code="reason_repeated")
            self._writing.record(
                tx, row, event="data_consent_withdrawal_refused", change="changed", actor_id=actor_id, refusal=words
            )

    def _is_overtaken(self, tx: Tx, row: RecordRow) -> bool:
        """Whether a yes or a no about the same came after the withdrawal: a refusal never overrules it."""
        rows = consent_records.of_person(tx, row.person_id, today=local_date(self._clock.now()), lock=True)
        same = (row.school_id, row.purpose, row.recipient)
        return any(
            one.id != row.id and (one.school_id, one.purpose, one.recipient) == same
            and row.withdrawn_at is not None and one.given_at >= row.withdrawn_at
            for one in rows
        )  # fmt: skip

    def _withdrawn(self, tx: Tx, school_id: str, record_id: str) -> RecordRow:
        scope = scopes.of_operator((school_id,))
        today = local_date(self._clock.now())
        known = consent_records.in_schools(tx, scope, [record_id], today=today)
        if not known:
            raise NotFound("no such consent")
        # Whoever answers about one person takes turns, so the person is locked before any of their records.
        consent_people.subject(tx, known[0].person_id, lock=True)
        rows = consent_records.in_schools(tx, scope, [record_id], today=today, lock=True)
        if rows[0].withdrawn_at is None or rows[0].refusal:
            raise Conflict("nobody waits for an answer", code="consent_answered")
        return rows[0]
