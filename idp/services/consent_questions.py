"""A text put to a signer about a person, and an answer found again: what every act on a consent begins with.

Everything is read in the caller's transaction, so that what was asked on a page is asked once more when it is written.
"""

from __future__ import annotations

from datetime import date, datetime

from idp.core.clock import local_date
from idp.core.errors import Conflict, NotFound
from idp.services import consent_signers
from idp.services import scope as scopes
from idp.services.consent_channels import Question
from idp.services.consent_document import language_of
from idp.services.consent_signers import Hand, Standing
from idp.store import consent_people, consent_records, consent_texts
from idp.store.consent_records import RecordRow
from idp.store.consent_texts import TextRow
from idp.store.session import Tx


def put(
    tx: Tx, person_id: str, text_id: str, signer_id: str, *, language: str, now: datetime, hand: Hand | None = None,
    lock: bool = False,
) -> Question:  # fmt: skip
    """Raises as `asked`, NotFound for a stranger's child, Denied `consent_under_age` or `consent_of_age`."""
    today = local_date(now)
    text, subject = asked(tx, person_id, text_id, today=today, lock=lock)
    relation = consent_signers.signer(tx, subject, signer_id, today=today)
    signer = consent_people.subject(tx, signer_id)
    name = signer.name if signer else ""
    until = consent_signers.expires_on(text, subject, relation, today)
    return Question(text, subject, signer_id, name, relation, language_of(language), now, until, hand)


def asked(
    tx: Tx, person_id: str, text_id: str, *, today: date, lock: bool = False, is_asked: bool = True
) -> tuple[TextRow, Standing]:
    """The text and the person it is asked about. Raises NotFound, Conflict `consent_text_over`.

    `lock` makes answers about one person take turns. `is_asked` is False for what is being taken back.
    """
    schools = tuple({row[0] for row in consent_people.memberships(tx, person_id, today=today)})
    # A text that is replaced while it is answered: either its new version ends this answer, or this one is refused.
    text = consent_texts.one(tx, scopes.of_person(person_id, "", schools), text_id, lock=lock and is_asked)
    if text is None:
        raise NotFound("no such text")
    subject = consent_signers.standing(tx, person_id, text.school_id, today=today, lock=lock)
    if is_asked and not text.is_current:
        raise Conflict("this version is no longer asked", code="consent_text_over")
    if is_asked and not subject.is_asked(text):
        raise NotFound("no such text")
    consent_signers.check_nameable(subject)
    return text, subject


def answers(tx: Tx, question: Question) -> list[RecordRow]:
    """What was answered about this person for the same purpose, recipient and school, newest first, locked."""
    text = question.text
    rows = consent_records.of_person(tx, question.subject.person.id, today=local_date(question.at), lock=True)
    same = (text.school_id, text.purpose, text.recipient)
    return [row for row in rows if (row.school_id, row.purpose, row.recipient) == same]


def answered(tx: Tx, person_id: str, record_id: str, *, today: date) -> tuple[RecordRow, Standing]:
    """A record of a person, locked, and their standing; who has left the school still has the right to withdraw.

    The person is locked first, as by `asked`: two who take back two consents of one child wait for each other in turn,
    and never each for the other. Raises NotFound.
    """
    person = consent_people.subject(tx, person_id, lock=True)
    found = consent_records.of_person(tx, person_id, today=today, record_id=record_id, lock=True)
    if not found or person is None:
        raise NotFound("no such consent")
    for one in consent_signers.standings(tx, person, today=today):
        if one.school_id == found[0].school_id:
            return found[0], one
    return found[0], consent_signers.left(person, found[0].school_id, found[0].relation, today=today)
