"""Consents to the processing of personal data: given, declined, withdrawn, acknowledged, answered, ended.

Each purpose and recipient has its own (order-456 reference D1). Every act is one short transaction that checks again
who may act, with its trace, its line in the feed, and what it stops. What one OAuth client asks is another thing:
`services/consent.py`. What the school answers to a withdrawal: `services/consent_answers.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from idp.core import levels
from idp.core.clock import Clock, local_date
from idp.core.errors import BilimError, Conflict, Denied, Invalid, NotFound
from idp.core.names import search_words
from idp.services import consent_signers
from idp.services import scope as scopes
from idp.services.acting import StepUp
from idp.services.consent_channels import Channel, Elsewhere, Proof, Question, paper_day
from idp.services.consent_document import language_of
from idp.services.consent_ends import Ends, revoke
from idp.services.consent_seal import Seals
from idp.services.consent_signers import Hand
from idp.services.consent_writing import Writing
from idp.services.school_days import SchoolDays
from idp.store import audit, consent_people, consent_records, consent_texts, one_time
from idp.store.consent_records import RecordRow
from idp.store.consent_texts import TextRow
from idp.store.session import Tx, UnitOfWork

STOP_WITHIN = 15
"""Working days from withdrawal until dependent processing has stopped (art. 8(7))."""
_KDP_USED = "consent_kdp_used"
_KDP_REMEMBERED = timedelta(days=3660)
"""Longer than any consent of a pupil: what the state service once answered is no consent a second time."""


def in_force(
    tx: Tx, person_id: str, purpose: str, recipient: str = "", *, today: date, school_id: str = ""
) -> bool:  # fmt: skip
    """Whether a consent holds today; with `school_id`, one that was given to this school.

    A withdrawn one does not hold from the moment it was withdrawn: what we control stops at once.
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
    def __init__(
        self, uow: UnitOfWork, clock: Clock, seals: Seals, days: SchoolDays, channels: Callable[[], Sequence[Channel]]
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._seals = seals
        self._days = days
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
            question = self._question(
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
            question = self._question(
                tx, person_id, text_id, hand.person_id, language=hand.language, hand=hand, now=now, lock=True
            )
            for row in self._of_text(tx, question):
                if row.answer == "declined" and row.text_id == text_id:
                    return row.id
                if row.state == "given":
                    raise Conflict("a consent holds; withdraw it", code="consent_in_force")
            proof = {"session": hand.session_id, "acr": hand.acr}
            return self._writing.add(tx, question, "mfa", proof, answer="declined")

    def give_on_paper(
        self, entered_by: str, school_id: str, person_id: str, text_id: str, said: Mapping[str, str]
    ) -> str:  # fmt: skip
        """Staff enter a signed paper: `number`, `date`, `signer` (id of the subject or of a guardian whose link holds)
        or `signer_name` and `relation` of somebody without an account, `language`. The caller has checked the scope.

        Raises as `give`, and Invalid `paper_number`, `paper_date`, `paper_signer`.
        """
        way, now = self.channel("paper"), self._clock.now()
        with self._uow.write() as tx:
            question = self._on_paper(tx, school_id, person_id, text_id, said, now=now)
            proof = way.begin(question, dict(said) | {"entered_by": entered_by})
            assert isinstance(proof, Proof)
            self._check_day(tx, question, date.fromisoformat(proof.data["date"]))
            held = self._held(tx, question)
            return held or self._writing.add(tx, question, "paper", proof.data, actor_id=entered_by)

    def record(self, tx: Tx, about: Mapping[str, str], channel: str, proof: Mapping[str, Any]) -> str:
        """Writes down a yes that a channel brought, in the caller's transaction, after checking everything again.

        What the signer had before them, as `Question.about` kept it, is what the record proves and how long it holds.
        """
        question = self._question(
            tx,
            about["person"],
            about["text"],
            about["signer"],
            language=about["language"],
            now=self._clock.now(),
            lock=True,
        ).as_shown(about)
        return self._held(tx, question) or self._writing.add(tx, question, channel, proof)

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

    def withdraw(self, hand: Hand, person_id: str, record_id: str) -> RecordRow:
        """Takes a consent back, whoever of those who may sign has given it; returns it with its `stop_by`.

        Raises StepUp, NotFound, Denied as `give`, Conflict `consent_not_in_force`. Twice is as good as once.
        """
        hand.check_notice(self._clock.now())
        with self._uow.write() as tx:
            row, subject = self._one(tx, person_id, record_id)
            consent_signers.signer(tx, subject, hand.person_id, today=self._today)
            return self._withdraw(tx, row, hand.person_id, {"channel": "mfa"})

    def withdraw_on_paper(
        self, entered_by: str, school_id: str, person_id: str, record_id: str, said: Mapping[str, str]
    ) -> RecordRow:
        """Staff enter a notice of withdrawal. Raises as `give_on_paper` and `withdraw`."""
        now = self._clock.now()
        with self._uow.write() as tx:
            row, _ = self._one(tx, person_id, record_id)
            if row.school_id != school_id:
                raise NotFound("no such consent")
            question = self._on_paper(tx, school_id, person_id, row.text_id, said, now=now, is_asked=False)
            proof = self.channel("paper").begin(question, dict(said) | {"entered_by": entered_by})
            assert isinstance(proof, Proof)
            note = {"channel": "paper", "number": proof.data["number"], "date": proof.data["date"]}
            day = date.fromisoformat(proof.data["date"])
            # A consent on paper is as old as its paper, not as its entry.
            first = date.fromisoformat(row.proof["date"]) if row.channel == "paper" else local_date(row.given_at)
            if not first <= day <= local_date(now):
                raise Invalid("no notice is older than the consent, or of a day to come", code="paper_date")
            return self._withdraw(tx, row, question.signer_id or entered_by, note, actor_id=entered_by, received=day)

    def acknowledge(self, hand: Hand, record_id: str) -> None:
        """A pupil of 14 to 17 has read what a guardian consented to (F2). Twice is as good as once.

        Raises NotFound for anybody else's, Denied `consent_no_acknowledgement` for another age, Conflict
        `consent_not_in_force`.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            row, subject = self._one(tx, hand.person_id, record_id)
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

    @property
    def _today(self) -> date:
        return local_date(self._clock.now())

    def _question(
        self, tx: Tx, person_id: str, text_id: str, signer_id: str, *, language: str, now: datetime,
        hand: Hand | None = None, lock: bool = False,
    ) -> Question:  # fmt: skip
        today = local_date(now)
        text, subject = self._asked(tx, person_id, text_id, today=today, lock=lock)
        relation = consent_signers.signer(tx, subject, signer_id, today=today)
        signer = consent_people.subject(tx, signer_id)
        name = signer.name if signer else ""
        until = consent_signers.expires_on(text, subject, relation, today)
        return Question(text, subject, signer_id, name, relation, language_of(language), now, until, hand)

    def _on_paper(
        self, tx: Tx, school_id: str, person_id: str, text_id: str, said: Mapping[str, str], *, now: datetime,
        is_asked: bool = True,
    ) -> Question:  # fmt: skip
        """The same for a paper: who signed it is chosen from those who may, or named when they have no account."""
        signer_id, language = said.get("signer", ""), said.get("language", "kk")
        if signer_id and is_asked:
            question = self._question(tx, person_id, text_id, signer_id, language=language, now=now, lock=True)
        else:
            text, subject = self._asked(tx, person_id, text_id, today=local_date(now), lock=True, is_asked=is_asked)
            name, relation = " ".join(said.get("signer_name", "").split()), said.get("relation", "")
            if signer_id:
                relation = consent_signers.signer(tx, subject, signer_id, today=local_date(now))
            elif not name or relation in ("", consent_signers.SELF) or subject.is_adult:
                raise Invalid("who signed the paper is missing", code="paper_signer")
            elif self._is_blocked(tx, person_id, name, now=now):
                raise Denied("this guardian is blocked", code="consent_blocked")
            until = consent_signers.expires_on(text, subject, relation, local_date(now))
            question = Question(text, subject, signer_id, name, relation, language_of(language), now, until)
        if is_asked:
            day = paper_day(said)
            until = consent_signers.expires_on(question.text, question.subject, question.relation, day)
            question = replace(question, expires_on=until)
        if question.text.school_id != school_id:
            raise NotFound("no such text")
        return question

    def _is_blocked(self, tx: Tx, person_id: str, name: str, *, now: datetime) -> bool:
        """Whether somebody without an account might be a guardian whom the school has blocked.

        While any link of the child is blocked, nobody is taken at their word: who signed is chosen from the links. A
        link that has ended is known again by its name, in whatever order and script.
        """
        typed = set(search_words(name))
        for blocked, is_open in consent_people.blocked(tx, person_id, today=local_date(now)):
            known = set(search_words(blocked))
            if is_open or typed <= known or known <= typed:
                return True
        return False

    def _check_day(self, tx: Tx, question: Question, day: date) -> None:
        """A paper is not older than its text nor than a later no, not of a day to come, and its term is not over."""
        today, published = local_date(question.at), question.text.published_at
        is_over = question.expires_on is not None and question.expires_on <= today
        is_early = published is not None and day < local_date(published)
        noes = [
            row.given_at if row.answer == "declined" else row.withdrawn_at
            for row in self._of_text(tx, question)
            if not row.refusal
        ]
        is_overtaken = any(no is not None and local_date(no) > day for no in noes)
        if is_over or is_early or is_overtaken or day > today:
            raise Invalid("the day of the paper cannot be", code="paper_date")

    def _asked(
        self, tx: Tx, person_id: str, text_id: str, *, today: date, lock: bool = False, is_asked: bool = True
    ) -> tuple[TextRow, consent_signers.Standing]:  # fmt: skip
        """The text and the person it is asked about. Raises NotFound, Conflict `consent_text_over`."""
        schools = tuple({row[0] for row in consent_people.memberships(tx, person_id, today=today)})
        text = consent_texts.one(tx, scopes.of_person(person_id, "", schools), text_id)
        if text is None:
            raise NotFound("no such text")
        subject = consent_signers.standing(tx, person_id, text.school_id, today=today, lock=lock)
        if is_asked and not text.is_current:
            raise Conflict("this version is no longer asked", code="consent_text_over")
        if is_asked and not subject.is_asked(text):
            raise NotFound("no such text")
        consent_signers.check_nameable(subject)
        return text, subject

    def _of_text(self, tx: Tx, question: Question) -> list[RecordRow]:
        """Answers about this person for the same purpose, recipient and school, newest first."""
        text = question.text
        rows = consent_records.of_person(tx, question.subject.person.id, today=local_date(question.at), lock=True)
        same = (text.school_id, text.purpose, text.recipient)
        return [row for row in rows if (row.school_id, row.purpose, row.recipient) == same]

    def _held(self, tx: Tx, question: Question) -> str:
        """The record of the very same text that holds; older ones end, for what is given now replaces them."""
        rows = [row for row in self._of_text(tx, question) if row.state == "given"]
        for row in rows:
            if row.text_id == question.text.id:
                return row.id
        self._ends.end(tx, rows, "replaced", now=question.at)
        return ""

    def _one(self, tx: Tx, person_id: str, record_id: str) -> tuple[RecordRow, consent_signers.Standing]:
        """A record of a person and their standing; somebody who has left the school still has the right to withdraw."""
        found = consent_records.of_person(tx, person_id, today=self._today, record_id=record_id, lock=True)
        person = consent_people.subject(tx, person_id)
        if not found or person is None:
            raise NotFound("no such consent")
        for one in consent_signers.standings(tx, person, today=self._today):
            if one.school_id == found[0].school_id:
                return found[0], one
        return found[0], consent_signers.left(person, found[0].school_id, found[0].relation, today=self._today)

    def _withdraw(
        self, tx: Tx, row: RecordRow, by: str, note: Mapping[str, Any], *, actor_id: str = "",
        received: date | None = None,
    ) -> RecordRow:  # fmt: skip
        """The 15 working days run from the day the notice came, today unless a paper says `received`."""
        if row.state == "withdrawn":
            return row
        if row.state != "given":
            raise Conflict("the consent does not hold", code="consent_not_in_force")
        now = self._clock.now()
        days = self._days.working_days(tx, row.school_id)
        stop_by = days.after(received or local_date(now), STOP_WITHIN)
        data = dict(note) | {"stop_by": stop_by.isoformat()}
        taken = [
            self._writing.record(
                tx, one, event="data_consent_withdrawn", change="ended", actor_id=actor_id or by, data=data,
                withdrawn_at=now, withdrawn_by=by, stop_by=stop_by, refusal="", proof=_with_refusal(one),
            )
            for one in (row, *self._beside(tx, row))
        ]  # fmt: skip
        revoke(tx, taken, now=now)
        return taken[0]._replace(state="withdrawn")

    def _beside(self, tx: Tx, row: RecordRow) -> list[RecordRow]:
        """Others that hold for the same: two records of one person, found to be one, may each have brought theirs."""
        same = (row.school_id, row.purpose, row.recipient)
        rows = consent_records.of_person(tx, row.person_id, today=self._today, lock=True)
        held = [one for one in rows if one.state == "given" and one.id != row.id]
        return [one for one in held if (one.school_id, one.purpose, one.recipient) == same]


def _with_refusal(row: RecordRow) -> Mapping[str, Any]:
    """The proof with a refusal that was answered to an earlier withdrawal: taking back again does not unsay it."""
    if not row.refusal:
        return row.proof
    assert row.withdrawn_at is not None
    refused = {"withdrawn_at": row.withdrawn_at.isoformat(), "reason": row.refusal}
    return dict(row.proof) | {"refusals": [*row.proof.get("refusals", ()), refused]}
