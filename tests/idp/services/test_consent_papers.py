"""services/consent_papers: what staff enter from a paper, and what they may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from idp.core.clock import FixedClock
from idp.core.errors import BilimError, Denied, Invalid, NotFound
from idp.store.models.people import Guardianship
from tests.factories.consent_ground import ConsentGround

PAPER = {"number": "17", "date": "2026-09-01", "language": "ru"}


def test_staff_enter_a_paper_of_who_may_sign(consent_ground: ConsentGround) -> None:
    acts, people, text_id = consent_ground.desk.acts, consent_ground.people, consent_ground.publish()

    def enter(child: str = "nurlan", **said: str) -> str:
        return consent_ground.desk.papers.give(
            people["saule"], consent_ground.school, people[child], text_id, PAPER | said
        )

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
        consent_ground.desk.papers.give(
            people["saule"], consent_ground.other, people["nurlan"], text_id, PAPER | {"signer": "x"}
        )
    taken = consent_ground.desk.papers.withdraw(
        people["saule"], consent_ground.school, people["nurlan"], record_id, PAPER | {"signer": people["serik"]}
    )
    assert (taken.state, taken.withdrawn_by) == ("withdrawn", people["serik"])
    with pytest.raises(Invalid):
        acts.give(consent_ground.hand("gulnara"), people["nurlan"], text_id, channel="paper")


def test_a_paper_counts_from_its_own_day(consent_ground: ConsentGround, clock: FixedClock) -> None:
    people, school = consent_ground.people, consent_ground.school
    text_id, child = consent_ground.publish(), consent_ground.people["nurlan"]
    clock.advance(days=6)
    said = PAPER | {"signer": people["gulnara"], "date": "2026-09-02"}
    record_id = consent_ground.desk.papers.give(people["saule"], school, child, text_id, said)
    assert consent_ground.record("nurlan").expires_on == date(2026, 9, 2) + timedelta(days=300)
    for wrong in ("2026-09-01", "2026-09-08"):
        with pytest.raises(Invalid) as refused:
            consent_ground.desk.papers.withdraw(people["saule"], school, child, record_id, said | {"date": wrong})
        assert refused.value.code == "paper_date"
    row = consent_ground.desk.papers.withdraw(people["saule"], school, child, record_id, said | {"date": "2026-09-03"})
    assert row.stop_by == date(2026, 9, 24)
    with pytest.raises(Invalid):  # An old paper does not overrule a later no.
        consent_ground.desk.papers.give(people["saule"], school, child, text_id, said)
