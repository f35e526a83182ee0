"""services/consent_questions: what every act finds again before it is done."""

from __future__ import annotations

import pytest
from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError

from idp.core.clock import FixedClock, local_date
from idp.core.errors import BilimError
from idp.services import consent_questions
from idp.store.models.consents import ConsentText
from idp.store.models.people import Person
from tests.factories.consent_ground import ConsentGround, contents


def test_what_was_read_on_a_page_is_asked_once_more_when_it_is_answered(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    """A text replaced between reading and giving is not what was read."""
    people, read = consent_ground.people, consent_ground.publish()
    staff = consent_ground.publish("photo", contents=contents(audience="staff"))
    current = consent_ground.publish(title={"kk": "Жаңа мәтін", "ru": "Новый текст"})
    for child, text_id, code in (
        ("nurlan", read, "consent_text_over"),
        ("nurlan", staff, "not_found"),
        ("nurlan", "0" * 32, "not_found"),
        ("gulnara", current, "not_found"),
    ):
        with pytest.raises(BilimError) as refused:
            consent_ground.give("gulnara", child, text_id)
        assert refused.value.code == code
    record_id = consent_ground.give("gulnara", "nurlan", current)
    with consent_ground.parts.uow.read() as tx:
        today = local_date(clock.now())
        question = consent_questions.put(
            tx, people["nurlan"], current, people["serik"], language="en", now=clock.now()
        )  # fmt: skip
        row, standing = consent_questions.answered(tx, people["nurlan"], record_id, today=today)
        assert [one.id for one in consent_questions.answers(tx, question)] == [row.id] == [record_id]
        assert (question.language, question.relation, standing.is_pupil) == ("kk", "parent", True)
        text, _ = consent_questions.asked(tx, people["nurlan"], read, today=today, is_asked=False)
        assert text.id == read


def test_answers_about_one_person_take_turns_and_a_text_stays_while_it_is_answered(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    """Else two tabs that take back two consents at once would each hold what the other waits for, and a yes to a text
    that is being replaced would outlive it."""
    child, text_id = consent_ground.people["nurlan"], consent_ground.publish()
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    uow, today = consent_ground.parts.uow, local_date(clock.now())
    person = select(Person.id).where(Person.id == child).with_for_update(nowait=True, key_share=True)
    text = select(ConsentText.id).where(ConsentText.id == text_id).with_for_update(nowait=True)

    def is_locked(wanted: Select[str]) -> bool:
        try:
            with uow.engine.connect() as other:
                other.execute(wanted)
        except OperationalError:
            return True
        # Every writer of SQLite waits for every other.
        return uow.engine.dialect.name == "sqlite"

    with uow.write() as tx:
        consent_questions.answered(tx, child, record_id, today=today)
        assert is_locked(person)
    with uow.write() as tx:
        consent_questions.put(
            tx, child, text_id, consent_ground.people["serik"], language="kk", now=clock.now(), lock=True
        )  # fmt: skip
        assert is_locked(text)
