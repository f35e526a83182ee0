"""What a guardian and a grown-up child decide about their own links, and about nobody else's."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from idp.core.errors import Denied, NotFound
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Guardianship, Membership
from tests.factories.console import Console, add_guardianship


def _link(console: Console, guardian: str = "guardian") -> str:
    with console.parts.uow.read() as tx:
        query = select(Guardianship.id).where(Guardianship.guardian_id == console.people[guardian])
        return tx.connection.execute(query).scalar_one()


@pytest.fixture
def father(console: Console) -> str:
    with console.parts.uow.write() as tx:
        console.add(tx, "father", "guardian", console.school, given_name="Болат")
        return add_guardianship(tx, console.school, console.people["pupil"], console.people["father"])


def test_one_guardian_never_removes_another(console: Console, father: str) -> None:
    family = console.parts.family
    for stranger in ("guardian", "pupil", "teacher"):
        with pytest.raises(NotFound):
            family.disown(console.people[stranger], father)
        with pytest.raises(NotFound):
            family.answer(console.people[stranger], father, keep=False)
    assert len(console.parts.guardians.children(console.people["father"])) == 1
    both = {console.people["father"], console.people["guardian"]}
    assert {one.guardian_id for one in family.page(console.people["pupil"]).guardians} == both


def test_who_says_that_they_are_no_guardian_is_none_from_then_on(console: Console, father: str) -> None:
    console.parts.family.disown(console.people["father"], father)
    assert console.parts.family.page(console.people["father"]).children == []
    assert len(console.parts.guardians.children(console.people["guardian"])) == 1
    with pytest.raises(NotFound):
        console.parts.family.disown(console.people["father"], father)
    with console.parts.uow.read() as tx:
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "guardian_ended")).one()
        fed = tx.connection.execute(select(Change.kind, Change.action).order_by(Change.seq)).all()
        open_roles = tx.connection.execute(
            select(Membership.role).where(Membership.person_id == console.people["father"], Membership.end.is_(None))
        ).all()
    assert (event.actor_id, event.person_id, event.data["reason"]) == (
        console.people["father"], console.people["pupil"], "disowned",
    )  # fmt: skip
    assert ("guardianships", "ended") in [tuple(row) for row in fed]
    assert open_roles == [], "the last link at the school took the role with it"


def test_a_blocked_guardian_learns_that_and_not_where_the_child_is(console: Console) -> None:
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Guardianship).values(blocked_at=console.clock.now()))
    page = console.parts.family.page(console.people["guardian"])
    assert (page.children, page.waiting, page.is_closed) == ([], [], True)
    with pytest.raises(NotFound):
        console.parts.family.own(console.people["guardian"], _link(console))


@pytest.mark.parametrize("keep", [True, False])
def test_at_eighteen_the_child_decides(console: Console, father: str, keep: bool) -> None:
    family, pupil = console.parts.family, console.people["pupil"]
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Guardianship).values(of_age_on=date(2026, 9, 2)))
    assert family.page(pupil).asked == []
    with pytest.raises(NotFound):
        family.answer(pupil, father, keep=True)
    console.clock.advance(days=1)
    assert len(family.page(pupil).asked) == 2
    assert family.page(pupil).guardians == []
    assert family.page(console.people["father"]).children == []
    family.answer(pupil, father, keep=keep)
    assert [link.id for link in family.page(pupil).asked] == [_link(console)]
    assert [child.may_act for child in family.page(console.people["father"]).children] == [False] * keep
    with pytest.raises(Denied if keep else NotFound):
        console.parts.guardians.acting_for(console.people["father"], pupil)
    about = console.parts.protection.requests.subjects(console.people["father"])
    assert all(one.is_self for one in about), "rights over the data of who is of age are theirs alone"
    assert console.parts.consent_desk.reading.everybody(console.people["father"]) == []
    with pytest.raises(NotFound):
        family.answer(pupil, father, keep=keep)
