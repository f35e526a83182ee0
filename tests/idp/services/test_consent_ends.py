"""services/consent_ends: terms run out, people leave, and modules are told."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select, update

from idp.core.clock import FixedClock, local_date
from idp.services import data_consents
from idp.store.models.people import Guardianship, Membership, Person
from tests.factories.consent_ground import ConsentGround, contents


def test_the_job_ends_what_ran_out_and_what_belongs_to_leavers(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    text_id = consent_ground.publish(contents=contents(term_days=10))
    short = consent_ground.give("gulnara", "nurlan", text_id)
    left = consent_ground.give("gulnara", "aigerim", text_id)
    assert consent_ground.desk.expiry() == 0
    with consent_ground.parts.uow.write() as tx:
        membership = Membership.person_id == consent_ground.people["aigerim"]
        tx.connection.execute(update(Membership).where(membership).values(end=local_date(clock.now())))
    assert not consent_ground.holds("aigerim")  # At once, however the membership ended.
    with consent_ground.parts.uow.read() as tx:  # What comes late is judged so too, without any job.
        told = [
            data_consents.held_at(
                tx, consent_ground.people[child], "visits", "", school_id=consent_ground.school, at=clock.now()
            )
            for child in ("nurlan", "aigerim")
        ]
    assert told == [True, False]
    assert consent_ground.desk.expiry() == 1
    clock.moment += timedelta(days=9, hours=18)  # 02:00 of the day on which the term is over, in Kazakhstan.
    assert not consent_ground.holds("nurlan")
    assert [consent_ground.desk.expiry(), consent_ground.desk.expiry()] == [1, 0]
    assert consent_ground.changes()[2:] == [("ended", left), ("ended", short)]
    assert [event["why"] for event in consent_ground.events("data_consent_ended")] == ["left", "term"]
    for child in ("nurlan", "aigerim"):
        assert consent_ground.desk.seals.holds(consent_ground.record(child))
    with consent_ground.parts.uow.read() as tx:
        held = [
            data_consents.held_at(
                tx, consent_ground.people["nurlan"], "visits", "", school_id=consent_ground.school, at=at
            )
            for at in (clock.now() - timedelta(hours=3), clock.now() - timedelta(hours=1))
        ]
    assert held == [True, False]  # Until midnight, not until the job ran.


def test_a_refused_withdrawal_ends_with_its_term_all_the_same(consent_ground: ConsentGround, clock: FixedClock) -> None:
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish(contents=contents(term_days=30)))
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    consent_ground.desk.answers.refuse(
        consent_ground.people["saule"], consent_ground.school, record_id, "Міндеттеме орындалмаған."
    )
    clock.advance(days=30)
    assert (consent_ground.desk.expiry(), consent_ground.record("nurlan").state) == (1, "expired")


def test_a_corrected_birthday_moves_the_end_of_what_guardians_gave(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    consent_ground.give("gulnara", "nurlan", consent_ground.publish(contents=contents(term_days=300)))
    child, ends = consent_ground.people["nurlan"], consent_ground.desk.ends

    def corrected(born: date) -> date | None:
        with consent_ground.parts.uow.write() as tx:
            tx.connection.execute(update(Person).where(Person.id == child).values(birth_date=born))
            ends.rebound(tx, child, now=clock.now())
        with consent_ground.parts.uow.read() as tx:
            days = tx.connection.execute(select(Guardianship.of_age_on).where(Guardianship.child_id == child))
            assert set(days.scalars()) == {born.replace(year=born.year + 18)}
        return consent_ground.record("nurlan").expires_on

    first = consent_ground.record("nurlan").expires_on
    assert corrected(date(2009, 3, 1)) == date(2027, 3, 1)
    assert corrected(date(2019, 3, 1)) == first
    assert consent_ground.holds("nurlan")
    assert corrected(date(2008, 8, 1)) == local_date(clock.now())
    assert not consent_ground.holds("nurlan")
    assert consent_ground.events("data_consent_ended")[0]["why"] == "birth_date"
    assert consent_ground.desk.seals.holds(consent_ground.record("nurlan"))
    corrected(date(2019, 3, 1))
    assert not consent_ground.holds("nurlan"), "what has ended is asked again"
