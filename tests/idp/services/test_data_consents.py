"""services/data_consents: who may say yes, for how long, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.core.errors import BilimError, Conflict, Denied, Invalid, NotFound
from idp.services import data_consents
from idp.services.acting import StepUp
from idp.store.models.calendar import CalendarDay
from idp.store.models.consents import ConsentRecord
from idp.store.models.people import Guardianship
from tests.factories.consent_ground import PASSING, ConsentGround, contents
from tests.factories.relying_party import document

PAPER = {"number": "17", "date": "2026-09-01", "language": "ru"}


def test_a_guardian_consents_for_a_child_once_however_often_the_button_is_pressed(
    consent_ground: ConsentGround,
) -> None:
    text_id = consent_ground.publish()
    assert not consent_ground.holds("nurlan")
    first = consent_ground.give("gulnara", "nurlan", text_id)
    assert consent_ground.give("gulnara", "nurlan", text_id) == consent_ground.give("serik", "nurlan", text_id) == first
    assert consent_ground.holds("nurlan")
    assert not consent_ground.holds("nurlan", "meal_payment")  # Each purpose has its own (D1).
    row = consent_ground.record("nurlan")
    assert (row.relation, row.channel, row.language, row.expires_on) == ("parent", "mfa", "kk", date(2027, 6, 28))
    assert (row.proof["person_name"], row.proof["acr"]) == ("Серікова Nurlan", levels.MFA)
    assert consent_ground.changes() == [("added", first)]
    assert [event["record"] for event in consent_ground.events("data_consent_given")] == [first]


@pytest.mark.parametrize(
    ("signer", "child", "refusal"),
    [
        ("blocked", "nurlan", "not_found"),
        ("stranger", "nurlan", "not_found"),
        ("marat", "nurlan", "not_found"),
        ("nurlan", "nurlan", "consent_under_age"),
        ("aigerim", "aigerim", "consent_under_age"),
        ("gulnara", "marat", "not_found"),
        ("marat", "marat", "not_found"),
    ],
)
def test_who_may_not_answer_is_refused(consent_ground: ConsentGround, signer: str, child: str, refusal: str) -> None:
    text_id = consent_ground.publish()
    with pytest.raises(BilimError) as refused:
        consent_ground.give(signer, child, text_id)
    assert refused.value.code == refusal
    assert consent_ground.changes() == []


def test_a_consent_is_an_act_of_weight(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish()
    weaknesses: tuple[dict[str, Any], ...] = ({"acr": levels.PASSWORD}, {"age": timedelta(minutes=16)})
    for weak in weaknesses:
        with pytest.raises(StepUp):
            consent_ground.give("gulnara", "nurlan", text_id, **weak)
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    acts, child = consent_ground.desk.acts, consent_ground.people["nurlan"]
    weaknesses = ({"acr": levels.PUPIL}, {"acr": levels.PASSWORD, "age": timedelta(minutes=16)})
    for weak in weaknesses:
        with pytest.raises(StepUp) as asked:
            acts.withdraw(consent_ground.hand("gulnara", **weak), child, record_id)
        assert asked.value.acr == levels.PASSWORD
    # Taking back is a notice and never harder than signing in with a password.
    assert acts.withdraw(consent_ground.hand("gulnara", acr=levels.PASSWORD), child, record_id).state == "withdrawn"


def test_staff_answer_for_themselves_what_staff_is_asked(consent_ground: ConsentGround) -> None:
    text_id = consent_ground.publish(contents=contents(audience="everyone", term_days=None))
    consent_ground.give("marat", "marat", text_id)
    row = consent_ground.record("marat")
    assert (row.relation, row.expires_on, consent_ground.holds("marat")) == ("self", None, True)


def test_from_14_a_pupil_acknowledges_and_from_18_answers_alone(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    acts, people, text_id = consent_ground.desk.acts, consent_ground.people, consent_ground.publish()
    young = consent_ground.give("gulnara", "nurlan", text_id)
    teen = consent_ground.give("gulnara", "daulet", text_id)
    assert consent_ground.holds("daulet")  # From the guardian's signature; the pupil's word is shown as missing.
    for name, record_id in (("nurlan", young), ("aigerim", teen)):
        with pytest.raises((Denied, NotFound)):
            acts.acknowledge(consent_ground.hand(name, acr=levels.PUPIL), record_id)
    for _ in range(2):
        acts.acknowledge(consent_ground.hand("daulet", acr=levels.PUPIL), teen)
    assert consent_ground.record("daulet").acknowledged_at == clock.now()
    assert consent_ground.changes()[-1] == ("changed", teen)
    assert consent_ground.record("daulet").expires_on == date(2026, 9, 15)
    clock.moment = datetime(2026, 9, 14, 18, 59, tzinfo=UTC)
    assert consent_ground.holds("daulet")
    clock.advance(minutes=1)  # Midnight in Kazakhstan: the eighteenth birthday.
    assert not consent_ground.holds("daulet")
    with pytest.raises(NotFound):
        consent_ground.give("gulnara", "daulet", text_id)
    own = consent_ground.give("daulet", "daulet", text_id)
    assert (consent_ground.record("daulet", own).relation, consent_ground.holds("daulet")) == ("self", True)
    with pytest.raises(NotFound):
        acts.withdraw(consent_ground.hand("gulnara"), people["daulet"], own)


def test_a_term_never_outlasts_the_school(consent_ground: ConsentGround, clock: FixedClock) -> None:
    consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    assert consent_ground.record("nurlan").expires_on is not None
    people, today = consent_ground.people, local_date(clock.now())
    with consent_ground.parts.uow.write() as tx:
        assert consent_ground.desk.acts.end_for_leavers(tx, consent_ground.school, [people["nurlan"]], today) == 1
        assert consent_ground.desk.acts.end_for_leavers(tx, consent_ground.school, [people["nurlan"]], today) == 0
    assert (consent_ground.holds("nurlan"), consent_ground.record("nurlan").state) == (False, "expired")
    assert [action for action, _ in consent_ground.changes()] == ["added", "ended"]


def test_any_guardian_withdraws_what_another_gave_and_a_blocked_one_does_not(consent_ground: ConsentGround) -> None:
    acts, child, text_id = consent_ground.desk.acts, consent_ground.people["nurlan"], consent_ground.publish()
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    consent_ground.block("nurlan", "gulnara")
    for name in ("gulnara", "blocked", "stranger"):
        with pytest.raises(NotFound):
            acts.withdraw(consent_ground.hand(name), child, record_id)
    for _ in range(2):
        row = acts.withdraw(consent_ground.hand("serik"), child, record_id)
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
    row = consent_ground.desk.acts.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    assert row.stop_by == stop_by


def test_an_event_that_comes_late_is_judged_by_when_it_happened(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    """A withdrawal while a turnstile delivers: nothing lawful is lost, nothing later is kept."""
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    people = consent_ground.people
    clock.advance(minutes=10)
    before = clock.now() - timedelta(minutes=5)
    consent_ground.desk.acts.withdraw(consent_ground.hand("gulnara"), people["nurlan"], record_id)
    with consent_ground.parts.uow.read() as tx:
        at_school = {"school_id": consent_ground.school}
        held = [
            data_consents.held_at(tx, people["nurlan"], "visits", "", at=at, **at_school)
            for at in (before - timedelta(hours=1), before, clock.now())
        ]
        today = local_date(clock.now())
        many = data_consents.in_force_of_many(tx, consent_ground.school, list(people.values()), "visits", today=today)
    assert (held, many) == ([False, True, False], set())
    assert consent_ground.changes() == [("added", record_id), ("ended", record_id)]


def test_a_no_is_an_answer_and_no_consent(consent_ground: ConsentGround) -> None:
    acts, child, text_id = consent_ground.desk.acts, consent_ground.people["nurlan"], consent_ground.publish()
    weak = consent_ground.hand("gulnara", acr=levels.PASSWORD)
    assert acts.decline(weak, child, text_id) == acts.decline(weak, child, text_id)
    assert (consent_ground.holds("nurlan"), consent_ground.changes()) == (False, [])
    record_id = consent_ground.give("serik", "nurlan", text_id)
    with pytest.raises(Conflict) as holds:
        acts.decline(weak, child, consent_ground.publish(title={"kk": "Басқа", "ru": "Другое"}))
    assert holds.value.code == "consent_in_force"
    assert consent_ground.record("nurlan", record_id).state == "given"


def test_staff_enter_a_paper_of_who_may_sign(consent_ground: ConsentGround) -> None:
    acts, people, text_id = consent_ground.desk.acts, consent_ground.people, consent_ground.publish()

    def enter(child: str = "nurlan", **said: str) -> str:
        return acts.give_on_paper(people["saule"], consent_ground.school, people[child], text_id, PAPER | said)

    wrong = [
        ({"number": " "}, "paper_number"),
        ({"date": "1.9.2026"}, "paper_date"),
        ({"date": "2026-09-02"}, "paper_date"),
        ({"date": "2026-08-31"}, "paper_date"),  # Older than the text.
        ({"signer": ""}, "paper_signer"),
        ({"signer": people["blocked"]}, "not_found"),
        ({"signer": "", "signer_name": "Басқа Біреу", "relation": "parent"}, "consent_blocked"),
        ({"signer": people["nurlan"]}, "consent_under_age"),
    ]
    for said, code in wrong:
        with pytest.raises(BilimError) as refused:
            enter(**{"signer": people["gulnara"]} | said)
        assert refused.value.code == code
    with consent_ground.parts.uow.write() as tx:
        ended = update(Guardianship).where(Guardianship.guardian_id == people["blocked"])
        tx.connection.execute(ended.values(end=date(2026, 9, 1)))
    for disguise in ("blocked серікова", "Серiкова  Blocked Қызы"):  # Turned round; with a Latin i.
        with pytest.raises(Denied):
            enter(signer="", signer_name=disguise, relation="parent")
    record_id = enter(signer="", signer_name="Серікова Әже", relation="trustee")
    row = consent_ground.record("nurlan", record_id)
    assert (row.channel, row.signer_id, row.relation, row.language) == ("paper", None, "trustee", "ru")
    assert row.proof["signer_name"] == "Серікова Әже"
    assert enter(signer=people["gulnara"]) == record_id
    with pytest.raises(NotFound):
        acts.give_on_paper(people["saule"], consent_ground.other, people["nurlan"], text_id, PAPER | {"signer": "x"})
    taken = acts.withdraw_on_paper(
        people["saule"], consent_ground.school, people["nurlan"], record_id, PAPER | {"signer": people["serik"]}
    )
    assert (taken.state, taken.withdrawn_by) == ("withdrawn", people["serik"])
    with pytest.raises(Invalid):
        acts.give(consent_ground.hand("gulnara"), people["nurlan"], text_id, channel="paper")


def test_a_paper_counts_from_its_own_day(consent_ground: ConsentGround, clock: FixedClock) -> None:
    acts, people, school = consent_ground.desk.acts, consent_ground.people, consent_ground.school
    text_id, child = consent_ground.publish(), consent_ground.people["nurlan"]
    clock.advance(days=6)
    said = PAPER | {"signer": people["gulnara"], "date": "2026-09-02"}
    record_id = acts.give_on_paper(people["saule"], school, child, text_id, said)
    assert consent_ground.record("nurlan").expires_on == date(2026, 9, 2) + timedelta(days=300)
    for wrong in ("2026-09-01", "2026-09-08"):
        with pytest.raises(Invalid) as refused:
            acts.withdraw_on_paper(people["saule"], school, child, record_id, said | {"date": wrong})
        assert refused.value.code == "paper_date"
    row = acts.withdraw_on_paper(people["saule"], school, child, record_id, said | {"date": "2026-09-03"})
    assert row.stop_by == date(2026, 9, 24)
    with pytest.raises(Invalid):  # An old paper does not overrule a later no.
        acts.give_on_paper(people["saule"], school, child, text_id, said)


def test_withdrawing_what_went_to_a_client_takes_its_tokens(consent_ground: ConsentGround) -> None:
    """What that means for a pupil who signs in there: tests/idp/oidc/checks/test_data_consent.py."""
    consent_ground.parts.clients.add(document("textbooks", bilim_consent="ask"), replace=True)
    text_id = consent_ground.publish("textbooks", "textbooks", contents=contents(third_parties=PASSING))
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    assert consent_ground.holds("nurlan", "textbooks", "textbooks")
    consent_ground.desk.acts.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    assert not consent_ground.holds("nurlan", "textbooks", "textbooks")


def test_a_withdrawal_takes_back_every_consent_for_the_same(consent_ground: ConsentGround) -> None:
    """Two records found to be one person may each have brought theirs."""
    text_id, people = consent_ground.publish(), consent_ground.people
    for child in ("nurlan", "aigerim"):
        consent_ground.give("gulnara", child, text_id)
    with consent_ground.parts.uow.write() as tx:
        where = ConsentRecord.person_id == people["aigerim"]
        tx.connection.execute(update(ConsentRecord).where(where).values(person_id=people["nurlan"]))
    consent_ground.desk.acts.withdraw(
        consent_ground.hand("serik"), people["nurlan"], consent_ground.record("nurlan").id
    )
    assert not consent_ground.holds("nurlan")
    assert [action for action, _ in consent_ground.changes()] == ["added", "added", "ended", "ended"]
