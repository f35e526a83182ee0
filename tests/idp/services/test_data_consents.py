"""services/data_consents: who may say yes, for how long, and how it is taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from idp.core import levels
from idp.core.clock import FixedClock, local_date
from idp.core.errors import BilimError, Conflict, Denied, NotFound
from idp.services import data_consents
from idp.services.acting import StepUp
from tests.factories.consent_ground import ConsentGround, contents

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
    child = consent_ground.people["nurlan"]
    weaknesses = ({"acr": levels.PUPIL}, {"acr": levels.PASSWORD, "age": timedelta(minutes=16)})
    for weak in weaknesses:
        with pytest.raises(StepUp) as asked:
            consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara", **weak), child, record_id)
        assert asked.value.acr == levels.PASSWORD
    # Taking back is a notice and never harder than signing in with a password.
    assert (
        consent_ground.desk.withdrawals.withdraw(
            consent_ground.hand("gulnara", acr=levels.PASSWORD), child, record_id
        ).state
        == "withdrawn"
    )


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
        consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), people["daulet"], own)


def test_a_term_never_outlasts_the_school(consent_ground: ConsentGround, clock: FixedClock) -> None:
    consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    assert consent_ground.record("nurlan").expires_on is not None
    people, today = consent_ground.people, local_date(clock.now())
    with consent_ground.parts.uow.write() as tx:
        assert consent_ground.desk.acts.end_for_leavers(tx, consent_ground.school, [people["nurlan"]], today) == 1
        assert consent_ground.desk.acts.end_for_leavers(tx, consent_ground.school, [people["nurlan"]], today) == 0
    assert (consent_ground.holds("nurlan"), consent_ground.record("nurlan").state) == (False, "expired")
    assert [action for action, _ in consent_ground.changes()] == ["added", "ended"]


def test_an_event_that_comes_late_is_judged_by_when_it_happened(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    """A withdrawal while a turnstile delivers: nothing lawful is lost, nothing later is kept."""
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    people = consent_ground.people
    clock.advance(minutes=10)
    before = clock.now() - timedelta(minutes=5)
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), people["nurlan"], record_id)
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
