"""services/consent_answers: the school says that it stopped, or why it may not."""

from __future__ import annotations

import pytest

from idp.core.clock import FixedClock
from idp.core.errors import Conflict, Invalid, NotFound
from tests.factories.consent_ground import ConsentGround

REASON = "Орындалмаған міндеттеме бар: айлық есеп жабылмаған."


def test_a_refusal_names_its_reason_and_the_consent_holds_again(
    consent_ground: ConsentGround, clock: FixedClock
) -> None:
    answers, actor, school = consent_ground.desk.answers, consent_ground.people["saule"], consent_ground.school
    record_id = consent_ground.give("gulnara", "nurlan", consent_ground.publish())
    with pytest.raises(Conflict):
        answers.refuse(actor, school, record_id, REASON)
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), consent_ground.people["nurlan"], record_id)
    with pytest.raises(Invalid):
        answers.refuse(actor, school, record_id, "Жоқ")
    with pytest.raises(NotFound):
        answers.refuse(actor, consent_ground.other, record_id, REASON)
    answers.refuse(actor, school, record_id, REASON)
    assert (consent_ground.holds("nurlan"), consent_ground.record("nurlan").refusal) == (True, REASON)
    with pytest.raises(Conflict):
        answers.confirm_stopped(actor, school, record_id)
    assert [action for action, _ in consent_ground.changes()] == ["added", "ended", "changed"]
    # It may be taken back again, when the obligation is met: and this time it is too late to refuse.
    clock.advance(days=1)
    row = consent_ground.desk.withdrawals.withdraw(
        consent_ground.hand("serik"), consent_ground.people["nurlan"], record_id
    )
    assert (row.state, row.refusal) == ("withdrawn", "")
    kept = consent_ground.record("nurlan")
    assert [one["reason"] for one in kept.proof["refusals"]] == [REASON]
    assert consent_ground.desk.seals.holds(kept)
    with pytest.raises(Invalid) as again:
        answers.refuse(actor, school, record_id, REASON)
    assert again.value.code == "reason_repeated"
    clock.advance(days=22)
    with pytest.raises(Conflict) as late:
        answers.refuse(actor, school, record_id, REASON)
    assert late.value.code == "consent_refusal_late"
    for _ in range(2):
        answers.confirm_stopped(actor, school, record_id)
    assert consent_ground.record("nurlan").state == "stopped"
    assert [event["late"] for event in consent_ground.events("data_consent_stopped")] == [True]
    assert consent_ground.desk.reading.count_withdrawals(consent_ground.scope) == (0, 0)


def test_a_refusal_never_overrules_a_later_no(consent_ground: ConsentGround) -> None:
    acts, child, text_id = consent_ground.desk.acts, consent_ground.people["nurlan"], consent_ground.publish()
    record_id = consent_ground.give("gulnara", "nurlan", text_id)
    consent_ground.desk.withdrawals.withdraw(consent_ground.hand("gulnara"), child, record_id)
    acts.decline(consent_ground.hand("serik"), child, text_id)
    with pytest.raises(Conflict):
        consent_ground.desk.answers.refuse(consent_ground.people["saule"], consent_ground.school, record_id, REASON)
    assert not consent_ground.holds("nurlan")
