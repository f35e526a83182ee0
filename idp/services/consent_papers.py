"""Consents and withdrawals on paper, as staff enter them: number, day and signer of a paper that stays at the school.

Who signed is chosen from those who may, or named when they have no account. The caller has checked the scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from idp.core.clock import Clock, local_date
from idp.core.errors import Denied, Invalid, NotFound
from idp.core.names import search_words
from idp.services import consent_questions, consent_signers
from idp.services.consent_channels import PaperChannel, Proof, Question, paper_day
from idp.services.consent_document import language_of
from idp.services.consent_seal import Seals
from idp.services.consent_withdrawals import ConsentWithdrawals
from idp.services.consent_writing import Writing
from idp.store import consent_people
from idp.store.consent_records import RecordRow
from idp.store.session import Tx, UnitOfWork


class ConsentPapers:
    """`said` is what the form brought: `number`, `date`, `signer` (id of the subject or of a guardian whose link holds)
    or `signer_name` and `relation` of somebody without an account, `language`."""

    def __init__(self, uow: UnitOfWork, clock: Clock, seals: Seals, withdrawals: ConsentWithdrawals) -> None:
        self._uow = uow
        self._clock = clock
        self._withdrawals = withdrawals
        self._writing = Writing(seals, clock)

    def give(self, entered_by: str, school_id: str, person_id: str, text_id: str, said: Mapping[str, str]) -> str:
        """A signed consent; returns the record's id.

        Raises as `DataConsents.give`, and Invalid `paper_number`, `paper_date`, `paper_signer`.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            question = self._question(tx, school_id, person_id, text_id, said, now=now)
            proof = _proof(question, entered_by, said)
            _check_day(tx, question, date.fromisoformat(proof.data["date"]))
            return self._writing.once(tx, question, "paper", proof.data, actor_id=entered_by)

    def withdraw(
        self, entered_by: str, school_id: str, person_id: str, record_id: str, said: Mapping[str, str]
    ) -> RecordRow:  # fmt: skip
        """A signed notice of withdrawal. Raises as `give` and `ConsentWithdrawals.withdraw`."""
        now = self._clock.now()
        with self._uow.write() as tx:
            row, _ = consent_questions.answered(tx, person_id, record_id, today=local_date(now))
            if row.school_id != school_id:
                raise NotFound("no such consent")
            question = self._question(tx, school_id, person_id, row.text_id, said, now=now, is_asked=False)
            proof = _proof(question, entered_by, said)
            note = {"channel": "paper", "number": proof.data["number"], "date": proof.data["date"]}
            day = date.fromisoformat(proof.data["date"])
            # A consent on paper is as old as its paper, not as its entry.
            first = date.fromisoformat(row.proof["date"]) if row.channel == "paper" else local_date(row.given_at)
            if not first <= day <= local_date(now):
                raise Invalid("no notice is older than the consent, or of a day to come", code="paper_date")
            by = question.signer_id or entered_by
            return self._withdrawals.take(tx, row, by, note, actor_id=entered_by, received=day)

    def _question(
        self, tx: Tx, school_id: str, person_id: str, text_id: str, said: Mapping[str, str], *, now: datetime,
        is_asked: bool = True,
    ) -> Question:  # fmt: skip
        signer_id, language = said.get("signer", ""), said.get("language", "kk")
        if signer_id and is_asked:
            question = consent_questions.put(
                tx, person_id, text_id, signer_id, language=language, now=now, lock=True
            )  # fmt: skip
        else:
            today = local_date(now)
            text, subject = consent_questions.asked(
                tx, person_id, text_id, today=today, lock=True, is_asked=is_asked
            )  # fmt: skip
            name, relation = " ".join(said.get("signer_name", "").split()), said.get("relation", "")
            if signer_id:
                relation = consent_signers.signer(tx, subject, signer_id, today=today)
            elif not name or relation in ("", consent_signers.SELF) or subject.is_adult:
                raise Invalid("who signed the paper is missing", code="paper_signer")
            elif _is_blocked(tx, person_id, name, today=today):
                raise Denied("this guardian is blocked", code="consent_blocked")
            until = consent_signers.expires_on(text, subject, relation, today)
            question = Question(text, subject, signer_id, name, relation, language_of(language), now, until)
        if is_asked:
            day = paper_day(said)
            until = consent_signers.expires_on(question.text, question.subject, question.relation, day)
            question = replace(question, expires_on=until)
        if question.text.school_id != school_id:
            raise NotFound("no such text")
        return question


def _proof(question: Question, entered_by: str, said: Mapping[str, str]) -> Proof:
    proof = PaperChannel().begin(question, dict(said) | {"entered_by": entered_by})
    assert isinstance(proof, Proof)
    return proof


def _is_blocked(tx: Tx, person_id: str, name: str, *, today: date) -> bool:
    """Whether somebody without an account might be a guardian whom the school has blocked.

    While any link of the child is blocked, nobody is taken at their word: who signed is chosen from the links. A link
    that has ended is known again by its name, in whatever order and script.
    """
    typed = set(search_words(name))
    for blocked, is_open in consent_people.blocked(tx, person_id, today=today):
        known = set(search_words(blocked))
        if is_open or typed <= known or known <= typed:
            return True
    return False


def _check_day(tx: Tx, question: Question, day: date) -> None:
    """A paper is not older than its text nor than a later no, not of a day to come, and its term is not over."""
    today, published = local_date(question.at), question.text.published_at
    is_over = question.expires_on is not None and question.expires_on <= today
    is_early = published is not None and day < local_date(published)
    noes = [
        row.given_at if row.answer == "declined" else row.withdrawn_at
        for row in consent_questions.answers(tx, question)
        if not row.refusal
    ]
    is_overtaken = any(no is not None and local_date(no) > day for no in noes)
    if is_over or is_early or is_overtaken or day > today:
        raise Invalid("the day of the paper cannot be", code="paper_date")
