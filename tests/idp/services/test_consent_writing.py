"""services/consent_writing: fact, trace and feed stand or fall together."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import update

from idp.core.errors import NotFound
from idp.services import consent_questions
from idp.store.models.people import Person
from tests.factories.consent_ground import ConsentGround


def test_what_fails_leaves_neither_record_nor_trace(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish()
    about = {"person": consent_ground.people["nurlan"], "text": text_id, "signer": consent_ground.people["gulnara"]}

    def record_then_fail() -> None:
        with consent_ground.parts.uow.write() as tx:
            consent_ground.desk.acts.record(tx, about | {"language": "kk"}, "mfa", {})
            raise NotFound

    with pytest.raises(NotFound):
        record_then_fail()
    assert (consent_ground.changes(), consent_ground.events("data_consent_given")) == ([], [])
    consent_ground.give("gulnara", "nurlan", text_id)
    assert (len(consent_ground.changes()), len(consent_ground.events("data_consent_given"))) == (1, 1)


def test_a_document_read_days_ago_holds_no_longer_than_the_law_allows_now(consent_ground: ConsentGround) -> None:
    """Read before a date of birth was corrected, signed after it: the 18th birthday stands above the document's day."""
    text_id, people = consent_ground.publish(), consent_ground.people
    with consent_ground.parts.uow.read() as tx:
        question = consent_questions.put(
            tx, people["nurlan"], text_id, people["gulnara"], language="kk", now=consent_ground.clock.now()
        )  # fmt: skip
    with consent_ground.parts.uow.write() as tx:
        corrected = update(Person).where(Person.id == people["nurlan"]).values(birth_date=date(2008, 9, 20))
        tx.connection.execute(corrected)
    with consent_ground.parts.uow.write() as tx:
        consent_ground.desk.acts.record(tx, question.about, "kdp", {"request": "r"})
    row = consent_ground.record("nurlan")
    assert (row.expires_on, row.proof["until"]) == (date(2026, 9, 20), "2027-06-28")
    assert consent_ground.desk.reading.of_school(consent_ground.scope, consent_ground.school, row.id).is_whole
