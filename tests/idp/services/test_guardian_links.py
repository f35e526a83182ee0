"""The acts of a school on links: conditional, traced, fed, and followed by the role at the school."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.core.scope import Scope
from idp.services.listing import Asked
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.people import Guardianship, Membership
from tests.factories.console import Console, add_guardianship
from tests.factories.rows import add_person


def _scope(console: Console, role: str = "director", school: str = "") -> Scope:
    return Scope(console.people[role], role, (school or console.school,))


@pytest.fixture
def newcomer(console: Console) -> str:
    """A parent without any role, whose link waits."""
    with console.parts.uow.write() as tx:
        parent = console.people["newcomer"] = add_person(tx, "newcomer", family_name="Бекова", search_key="бекова")
        tx.session.add(Membership(id="n" * 32, person_id=parent, school_id=None, role="guardian"))
        tx.session.flush()
        return add_guardianship(
            tx, console.school, console.people["pupil"], parent, verified_at=None, verified_by="",
            evidence={"channel": "code"},
        )  # fmt: skip


def _roles(console: Console, name: str) -> list[tuple[str | None, str]]:
    with console.parts.uow.read() as tx:
        query = select(Membership.school_id, Membership.role)
        query = query.where(Membership.person_id == console.people[name], Membership.end.is_(None))
        return [(row[0], row[1]) for row in tx.connection.execute(query)]


def _told(console: Console) -> list[tuple[str, str]]:
    with console.parts.uow.read() as tx:
        rows = tx.connection.execute(select(Change.action, Change.record_id).where(Change.kind == "guardianships"))
        return [(row[0], row[1]) for row in rows]


def test_a_confirmed_guardian_gets_the_role_and_a_refused_one_none(console: Console, newcomer: str) -> None:
    links, scope = console.parts.guardian_links, _scope(console)
    found = links.listed(scope, Asked(words="Бекова"))
    assert ([link.state for link in found.rows], found.total) == (["waiting"], 1)
    assert links.listed(scope, Asked(filters={"state": "holds", "class": console.klass})).total == 1
    assert links.listed(scope, Asked(filters={"class": console.other_klass})).total == 0
    with pytest.raises(Invalid):
        links.confirm(scope, newcomer, school_id=console.school, relation="friend")
    links.confirm(scope, newcomer, school_id=console.school, relation="adopter", basis=" Шешім  № 5 ")
    assert _roles(console, "newcomer") == [(console.school, "guardian")]
    assert _told(console) == [("added", newcomer)]
    shown = links.link(scope, newcomer)
    assert (shown.link.state, shown.link.relation, shown.link.basis) == ("holds", "adopter", "Шешім № 5")
    assert shown.verified_by == "Омарова Сәуле"
    with pytest.raises(Conflict):
        links.refuse(scope, newcomer, school_id=console.school)
    with console.parts.uow.read() as tx:
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "guardian_linked")).one()
    assert event.data["channel"] == "code"


def test_a_block_and_its_end_are_told_and_stay_on_record(console: Console) -> None:
    links, scope = console.parts.guardian_links, _scope(console)
    (link,) = links.of_person(scope, console.people["guardian"])
    links.block(scope, link.id, school_id=console.school, basis="danger", reason="Қорғаншылық органының хаты № 3")
    with pytest.raises(Conflict):
        links.block(scope, link.id, school_id=console.school, basis="court", reason="Тағы бір рет")
    with pytest.raises(Conflict):
        links.end(scope, link.id, school_id=console.school, reason="Басқа жол")
    assert _roles(console, "guardian") == [(console.school, "guardian")]
    with console.parts.uow.write() as tx:
        pupil = Membership.person_id == console.people["pupil"]
        tx.connection.execute(update(Membership).where(pupil).values(school_id=console.other))
    there = Scope(console.people["other_director"], "director", (console.other,))
    with pytest.raises(NotFound):
        links.unblock(scope, link.id, school_id=console.school, reason="Бала енді басқа мектепте")
    links.unblock(there, link.id, school_id=console.other, reason="Хат қайтарылды")
    assert (console.other, "guardian") in _roles(console, "guardian"), "the child went on while the link was blocked"
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Membership).where(pupil).values(school_id=console.school))
    with pytest.raises(Conflict):
        links.unblock(scope, link.id, school_id=console.school, reason="Екінші рет")
    assert _told(console) == [("ended", link.id)] + [("changed", link.id)] * 2, "both schools hear of it"
    (block,) = links.link(scope, link.id).link.evidence["blocks"]
    assert (block["basis"], block["lifted_reason"], block["by"]) == (
        "danger", "Хат қайтарылды", console.people["director"],
    )  # fmt: skip
    with console.parts.uow.read() as tx:
        events = tx.session.scalars(select(AuditEvent.event).where(AuditEvent.event.like("guardian_%"))).all()
    assert events == ["guardian_blocked", "guardian_unblocked"]


def test_the_role_goes_with_the_last_link_at_the_school(console: Console) -> None:
    links, scope = console.parts.guardian_links, _scope(console)
    with console.parts.uow.write() as tx:
        console.add(tx, "brother", "pupil", console.school)
        second = add_guardianship(tx, console.school, console.people["brother"], console.people["guardian"])
    first = next(link for link in links.of_person(scope, console.people["guardian"]) if link.id != second)
    links.end(scope, first.id, school_id=console.school, reason="Қате байланыс")
    assert _roles(console, "guardian") == [(console.school, "guardian")]
    links.end(scope, second, school_id=console.school, reason="Қате байланыс")
    assert _roles(console, "guardian") == []


def test_another_school_sees_and_decides_nothing(console: Console, newcomer: str) -> None:
    links, scope = console.parts.guardian_links, _scope(console, "other_director", console.other)
    assert links.listed(scope, Asked()).total == 0
    acts = (
        lambda: links.link(scope, newcomer),
        lambda: links.confirm(scope, newcomer, school_id=console.other),
        lambda: links.refuse(scope, newcomer, school_id=console.other),
        lambda: links.block(scope, newcomer, school_id=console.other, basis="court", reason="Шешім"),
        lambda: links.unblock(scope, newcomer, school_id=console.other, reason="Шешім"),
        lambda: links.end(scope, newcomer, school_id=console.other, reason="Шешім"),
        lambda: links.of_person(scope, console.people["pupil"]),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    with console.parts.uow.read() as tx:
        row = tx.session.get(Guardianship, newcomer)
        assert row is not None
        assert row.verified_at is None
        assert row.end is None


def test_nobody_decides_about_a_link_of_their_own(console: Console, newcomer: str) -> None:
    links, school = console.parts.guardian_links, console.school
    acts: tuple[Callable[[Scope], object], ...] = (
        lambda scope: links.confirm(scope, newcomer, school_id=school),
        lambda scope: links.refuse(scope, newcomer, school_id=school),
        lambda scope: links.block(scope, newcomer, school_id=school, basis="court", reason="Шешім"),
        lambda scope: links.unblock(scope, newcomer, school_id=school, reason="Шешім"),
        lambda scope: links.end(scope, newcomer, school_id=school, reason="Шешім"),
    )
    for who in ("newcomer", "pupil"):
        for act in acts:
            with pytest.raises(Denied) as caught:
                act(Scope(console.people[who], "director", (school,)))
            assert caught.value.code == "own_link"
    assert links.link(_scope(console), newcomer).link.state == "waiting"
    with console.parts.uow.read() as tx:
        events = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "access_denied")).all()
    assert len(events) == 10
    assert events[0].data == {"right": "guardians.confirm", "role": "director", "why": "own_link"}
