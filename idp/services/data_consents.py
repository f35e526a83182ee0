"""Consents to the processing of personal data: given, declined, acknowledged, ended, and whether one holds.

Each purpose and recipient has its own (order-456 reference D1). Every act is one short transaction that checks again
who may act, with its trace, its line in the feed, and what it stops. Taken back: `services/consent_withdrawals.py`; on
paper: `services/consent_papers.py`; what the school answers to a withdrawal: `services/consent_answers.py`. What one
OAuth client asks is another thing: `services/consent.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.core.errors import BilimError, Conflict, Denied, Invalid
from idp.services import consent_questions
from idp.services import scope as scopes
from idp.services.acting import StepUp
from idp.services.consent_channels import Channel, Elsewhere
from idp.services.consent_ends import Ends
from idp.services.consent_seal import Seals
from idp.services.consent_signers import Hand
from idp.services.consent_writing import Writing
from idp.store import audit, consent_people, consent_records, one_time
from idp.store.session import Tx, UnitOfWork

_KDP_USED = "consent_kdp_used"
_KDP_REMEMBERED = timedelta(days=3660)
"""Longer than any consent of a pupil: what the state service once answered is no consent a second time."""


def in_force(
    tx: Tx, person_id: str, purpose: str, recipient: str = "", *, today: date, school_id: str = ""
) -> bool:  # fmt: skip
    """Whether a consent holds today; with `school_id`, one that was given to this school.

    A withdrawn one does not hold from the moment it was withdrawn: what we control stops at once. None lets anybody use
    data while their processing is blocked.
    """
    return consent_records.is_held(tx, person_id, purpose, recipient, school_id=school_id, today=today)


def in_force_of_many(
    tx: Tx, school_id: str, people: Sequence[str], purpose: str, recipient: str = "", *, today: date
) -> set[str]:  # fmt: skip
    """Of these people, whose consent to this school holds today."""
    scope = scopes.of_operator((school_id,))
    return consent_records.held_by(tx, scope, people, purpose, recipient, today=today)


def held_at(tx: Tx, person_id: str, purpose: str, recipient: str, *, school_id: str, at: datetime) -> bool:
    """Whether it held at a past moment: an event that comes late is judged by when it happened."""
    return consent_records.held_at(
        tx, person_id, purpose, recipient, school_id=school_id, at=at, day=local_date(at)
    )  # fmt: skip


class DataConsents:
    def __init__(self, uow: UnitOfWork, clock: Clock, seals: Seals, channels: Callable[[], Sequence[Channel]]) -> None:
        self._uow = uow
        self._clock = clock
        self._channels = channels
        self._ends = Ends(seals)
        self._writing = Writing(seals, clock)

    def channel(self, name: str) -> Channel:
        """Raises Invalid for a way that does not exist."""
        for one in self._channels():
            if one.name == name:
                return one
        raise Invalid("no such way of answering", code="channel")

    def give(self, hand: Hand, person_id: str, text_id: str, *, channel: str = "mfa") -> str | Elsewhere:
        """Says yes; returns the record's id, or where the signer goes on. Twice is as good as once.

        Raises StepUp (E3), NotFound for a stranger's child, Denied `consent_under_age` or `consent_of_age`, Conflict
        `consent_text_over` when the text is no longer asked, and what the channel raises.
        """
        if channel == "paper":
            raise Invalid("a paper is entered by the school", code="channel")
        way, now = self.channel(channel), self._clock.now()
        with self._uow.read() as tx:
            question = consent_questions.put(
                tx, person_id, text_id, hand.person_id, language=hand.language, hand=hand, now=now
            )
        proof = way.begin(question, {})
        if isinstance(proof, Elsewhere):
            return proof
        with self._uow.write() as tx:
            return self.record(tx, question.about, channel, proof.data)

    def decline(self, hand: Hand, person_id: str, text_id: str) -> str:
        """Says no, and is not asked again until there is a new version: a password will do for that.

        Raises as `give`, and Conflict `consent_in_force` while one holds: that is withdrawn instead.
        """
        now = self._clock.now()
        if not levels.satisfies(hand.acr, (levels.PASSWORD,)):
            raise StepUp(levels.PASSWORD)
        with self._uow.write() as tx:
            question = consent_questions.put(
                tx, person_id, text_id, hand.person_id, language=hand.language, hand=hand, now=now, lock=True
            )
            for row in consent_questions.answers(tx, question):
                if row.answer == "declined" and row.text_id == text_id:
                    return row.id
                if row.state == "given":
                    raise Conflict("a consent holds; withdraw it", code="consent_in_force")
            proof = {"session": hand.session_id, "acr": hand.acr}
            return self._writing.add(tx, question, "mfa", proof, answer="declined")

    def record(self, tx: Tx, about: Mapping[str, str], channel: str, proof: Mapping[str, Any]) -> str:
        """Writes down a yes that a channel brought, in the caller's transaction, after checking everything again.

        What the signer had before them, as `Question.about` kept it, is what the record proves and how long it holds.
        """
        question = consent_questions.put(
            tx,
            about["person"],
            about["text"],
            about["signer"],
            language=about["language"],
            now=self._clock.now(),
            lock=True,
        ).as_shown(about)
        return self._writing.once(tx, question, channel, proof)

    def collect(self, about: Mapping[str, str], proof: Mapping[str, Any]) -> str:
        """Records what the state service says was given there, once: later it gives nothing anew after a withdrawal.

        Returns the record that it made then or now. Raises as `give`, Conflict for a number that another request used.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            consent_people.subject(tx, about["person"], lock=True)
            used = one_time.peek(tx, proof["kdp_id"], purpose=_KDP_USED, now=now)
            if used is not None:
                if used["request"] != proof["request"]:
                    raise Conflict("this answer of the state service was used")
                return str(used["record"])
            record_id = self.record(tx, about, "kdp", proof)
            data = {"request": proof["request"], "record": record_id}
            one_time.put(tx, proof["kdp_id"], purpose=_KDP_USED, data=data, now=now, ttl=_KDP_REMEMBERED)
            return record_id

    def on_signed(self, tx: Tx, about: Mapping[str, str], request_id: str, signature_id: str, sha256: str) -> None:
        """A document of ours was signed: the consent is recorded with it, in the same transaction.

        The signature stays whatever happens; when meanwhile nobody may give this consent, that is written down.
        """
        try:
            self.record(tx, about, "eds", {"request": request_id, "signature": signature_id, "sha256": sha256})
        except BilimError as error:
            audit.record(
                tx,
                event="data_consent_not_recorded",
                now=self._clock.now(),
                actor_id=about["signer"],
                person_id=about["person"],
                data={"request": request_id, "why": error.code},
            )

    def acknowledge(self, hand: Hand, record_id: str) -> None:
        """A pupil of 14 to 17 has read what a guardian consented to (F2). Twice is as good as once.

        Raises NotFound for anybody else's, Denied `consent_no_acknowledgement` for another age, Conflict
        `consent_not_in_force`.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            row, subject = consent_questions.answered(tx, hand.person_id, record_id, today=local_date(now))
            if not subject.acknowledges:
                raise Denied("only pupils of 14 to 17 acknowledge", code="consent_no_acknowledgement")
            if row.state != "given":
                raise Conflict("the consent does not hold", code="consent_not_in_force")
            if row.acknowledged_at is None:
                self._writing.record(
                    tx, row, event="data_consent_acknowledged", change="changed", actor_id=hand.person_id,
                    acknowledged_at=now,
                )  # fmt: skip

    def end_for_leavers(self, tx: Tx, school_id: str, person_ids: Sequence[str], today: date) -> int:
        """To be called where people leave a school: what they consented to there ends (D4); returns how many did.

        Whatever is not told here, the job `ConsentExpiry` finds within the hour.
        """
        return self._ends.leavers(tx, school_id, person_ids, today, now=self._clock.now())
