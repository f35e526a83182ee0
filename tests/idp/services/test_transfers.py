"""A pupil changes schools and stays the same person."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from idp.core.errors import Conflict, TooSoon
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.services.person_form import Mistakes
from idp.store.models.audit import AuditEvent
from idp.store.models.cards import Card
from idp.store.models.people import Enrolment, Guardianship, Membership
from tests.factories.console import Console
from tests.idp.services.test_rank import actor


def test_the_pupil_comes_with_guardians_and_without_cards(console: Console) -> None:
    transfers, pupil = console.parts.transfers, console.people["pupil"]
    here, now = Scope("", "director", (console.other,)), console.clock.now()
    director = actor(console, "other_director")
    card = {
        "id": new_id(), "school_id": console.school, "person_id": pupil, "number_hash": b"x", "number_hint": "0001",
        "issued_at": now, "issued_by": "x", "changed_at": now, "changed_by": "x",
    }  # fmt: skip
    with console.parts.uow.write() as tx:
        tx.connection.execute(insert(Card), card)
    key = transfers.offer(actor(console, "director"), Scope("", "director", (console.school,)), pupil)
    for wrong in ("x", ""):
        with pytest.raises(Mistakes):
            transfers.find(director, here, wrong)
    coming = transfers.find(director, here, key, language="ru")
    assert (coming.person_id, coming.grade) == (pupil, "7")
    with pytest.raises(Mistakes):
        transfers.receive(director, here, key, console.klass)
    assert transfers.receive(director, here, key, console.other_klass) == pupil
    with pytest.raises(Mistakes):
        transfers.receive(director, here, key, console.other_klass)
    with console.parts.uow.read() as tx:
        for model in (Membership, Enrolment):
            query = select(model.school_id).where(model.person_id == pupil, model.end.is_(None))
            assert list(tx.connection.execute(query).scalars()) == [console.other]
        assert tx.connection.execute(select(Card.state, Card.reason)).one() == ("returned", "left")
        link = select(Guardianship.end).where(Guardianship.child_id == pupil)
        assert tx.connection.execute(link).scalar_one() is None
        roles = select(Membership.school_id).where(
            Membership.person_id == console.people["guardian"], Membership.role == "guardian", Membership.end.is_(None)
        )
        assert list(tx.connection.execute(roles).scalars()) == [console.other], "guardians follow the child"
    assert console.parts.directory.face(here, console.people["guardian"]).note


def test_a_code_is_good_once_and_for_two_weeks(console: Console) -> None:
    transfers, pupil = console.parts.transfers, console.people["pupil"]
    old, new = Scope("", "director", (console.school,)), Scope("", "director", (console.other,))
    sender, taker = actor(console, "director"), actor(console, "other_director")
    late = transfers.offer(sender, old, pupil)
    console.clock.advance(days=15)
    with pytest.raises(Mistakes):
        transfers.find(taker, new, late)
    first, second = transfers.offer(sender, old, pupil), transfers.offer(sender, old, pupil)
    with pytest.raises(Mistakes):
        transfers.find(sender, old, first)
    assert transfers.find(taker, new, first.lower().replace("-", " ")).person_id == pupil
    transfers.receive(taker, new, first, console.other_klass)
    for code in (first, second):
        with pytest.raises(Mistakes):
            transfers.receive(taker, new, code, console.other_klass)
    with pytest.raises(Conflict):
        transfers.offer(sender, old, pupil)


def test_guessing_a_code_is_slowed_and_written_down(console: Console) -> None:
    transfers, new = console.parts.transfers, Scope("", "director", (console.other,))
    taker = actor(console, "other_director")
    for _ in range(6):
        with pytest.raises(Mistakes):
            transfers.receive(taker, new, "KKKK-KKKK-KKKK", console.other_klass)
    with pytest.raises(TooSoon):
        transfers.receive(taker, new, "KKKK-KKKK-KKKK", console.other_klass)
    with console.parts.uow.read() as tx:
        query = select(AuditEvent.data).where(AuditEvent.event == "transfer_asked")
        assert list(tx.connection.execute(query).scalars()) == [{"found": False}] * 6
