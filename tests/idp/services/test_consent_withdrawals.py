"""services/consent_withdrawals: a consent taken back, by whom, and how many days the school has."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.store.models.calendar import CalendarDay
from idp.store.models.consents import ConsentRecord
from tests.factories.consent_ground import PASSING, ConsentGround, contents
from tests.factories.relying_party import document


def test_any_guardian_withdraws_what_another_gave_and_a_blocked_one_does_not(consent_ground: ConsentGround) -> None:
    child, text_id = consent_ground.people["nurlan"], consent_ground.publish()
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    consent_ground.block("nurlan", "gulnara")
    for name in ("gulnara", "blocked", "stranger"):
        with pytest.raises(NotFound):
            consent_ground.desk.withdrawals.withdraw(consent_ground.hand(name), child, record_id)
    for _ in range(2):
        row = consent_ground.desk.withdrawals.withdraw(consent_ground.hand("serik"), child, record_id)
    assert (row.state, row.withdrawn_by, consent_ground.holds("nurlan")) == (
        "withdrawn",
        consent_ground.people["serik"],
        False,
    )
    assert consent_ground.changes() == [("added", record_id), ("ended", record_id)]
    assert len(consent_ground.events("data_consent_withdrawn")) == 1
    again = consent_ground.give("serik", "nurlan", text_id)
    assert (again != record_id, consent_ground.holds("nurlan")) == (True, True)
    assert consent_ground.record("nurlan", record_id).state == "withdrawn"  # Its clock goes on.


@pytest.mark.parametrize(
    ("day", "stop_by"),
    [
        (datetime(2026, 12, 21, 6, tzinfo=UTC), date(2027, 1, 13)),  # New Year, and 7 January.
        (datetime(2027, 3, 15, 6, tzinfo=UTC), date(2027, 4, 7)),  # 8 March is over; Nauryz takes three.
        (datetime(2028, 2, 21, 6, tzinfo=UTC), date(2028, 3, 14)),  # A leap day, and 8 March.
        (datetime(2026, 10, 5, 20, tzinfo=UTC), date(2026, 10, 28)),  # Past midnight in Kazakhstan: the 6th; a day off.
    ],
)
def test_processing_stops_within_15_working_days(
    consent_ground: ConsentGround, clock: FixedClock, day: datetime, stop_by: date
) -> None:
    off = [
        (date(2027, 1, 1), date(2027, 1, 2)),
        (date(2027, 1, 7), date(2027, 1, 7)),
        (date(2027, 3, 22), date(2027, 3, 23)),
        (date(2028, 3, 8), date(2028, 3, 8)),
        (date(2026, 10, 26), date(2026, 10, 26)),
    ]
    with consent_ground.parts.uow.write() as tx:
        for place, (begin, end) in enumerate(off):
            tx.session.add(CalendarDay(id=f"{place:032x}", kind="holiday", title="Мереке", begin=begin, end=end))
    clock.moment = day
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    row = consent_ground.desk.withdrawals.withdraw(
        consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id
    )
    assert row.stop_by == stop_by


def test_withdrawing_what_went_to_a_client_takes_its_tokens(consent_ground: ConsentGround) -> None:
    """What that means for a pupil who signs in there: tests/idp/store/test_consent_release.py."""
    consent_ground.parts.clients.add(document("textbooks", bilim_consent="ask"), replace=True)
    text_id = consent_ground.publish("textbooks", "textbooks", contents=contents(third_parties=PASSING))
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    assert consent_ground.holds("nurlan", "textbooks", "textbooks")
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    assert not consent_ground.holds("nurlan", "textbooks", "textbooks")


def test_a_withdrawal_takes_back_every_consent_for_the_same(consent_ground: ConsentGround) -> None:
    """Two records found to be one person may each have brought theirs."""
    text_id, people = consent_ground.publish(), consent_ground.people
    for child in ("nurlan", "aigerim"):
        consent_ground.give("gulnara", child, text_id)
    with consent_ground.parts.uow.write() as tx:
        where = ConsentRecord.person_id == people["aigerim"]
        tx.connection.execute(update(ConsentRecord).where(where).values(person_id=people["nurlan"]))
    consent_ground.desk.withdrawals.withdraw(
        consent_ground.hand("serik"), people["nurlan"], consent_ground.record("nurlan").id
    )
    assert not consent_ground.holds("nurlan")
    assert [action for action, _ in consent_ground.changes()] == ["added", "added", "ended", "ended"]


def test_days_run_from_the_first_notice_and_a_consent_given_anew_has_its_own(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    """A school wins no days by refusing; what was refused in its time was answered, and is said anew after it."""
    text_id, child, school = consent_ground.publish(), consent_ground.people["nurlan"], consent_ground.school
    taking, answers = consent_ground.desk.withdrawals, consent_ground.desk.answers
    first = consent_ground.give("gulnara", "nurlan", text_id)

    def withdraw(record_id: str = first) -> date | None:
        return taking.withdraw(consent_ground.hand("gulnara"), child, record_id).stop_by

    def refuse(words: str) -> None:
        answers.refuse(consent_ground.people["saule"], school, first, words)

    begun = withdraw()
    assert begun == date(2026, 9, 22)
    refuse("Айлық есеп әлі жабылған жоқ.")
    clock.advance(days=10)
    assert withdraw() == begun  # The same notice, said again.
    refuse("Қарыз әлі төленген жоқ.")
    clock.advance(days=12)  # The day after the last: the refusal stands as the answer to that notice.
    later = withdraw()
    assert later == date(2026, 10, 14)
    answers.confirm_stopped(consent_ground.people["saule"], school, first)
    assert withdraw() == later  # Taken back long ago: no error, and no clock.
    second = consent_ground.give("gulnara", "nurlan", text_id)
    clock.advance(days=7)
    assert (second != first, withdraw(second)) == (True, date(2026, 10, 21))
