"""Two records of one person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from idp.core import levels
from idp.core.errors import Conflict, Denied, NotFound
from idp.core.ids import new_id
from idp.core.names import search_key
from idp.core.scope import Scope
from idp.store import credentials, people
from idp.store.models.audit import AuditEvent
from idp.store.models.cards import Card
from idp.store.models.people import Credential, Enrolment, Guardianship, Membership, Person
from tests.factories.console import Console, add_enrolment, add_guardianship
from tests.factories.rows import add_membership
from tests.idp.services.test_rank import actor

IIN = "130517600019"
NAMES = ("Серікова", "Айгерим", "Болатқызы")


def _twin(console: Console) -> str:
    """A second record of the pupil, with a parent, a class, a card and an ИИН of its own."""
    vault = console.parts.iin_vault
    with console.parts.uow.write() as tx:
        twin = console.add(
            tx, "twin", "pupil", console.school, family_name=NAMES[0], given_name=NAMES[1], middle_name=NAMES[2],
            search_key=search_key(*NAMES), birth_date=date(2013, 5, 17),
        )  # fmt: skip
        add_enrolment(tx, console.school, console.klass, twin, "pupil")
        add_guardianship(tx, console.school, twin, console.people["guardian"], end=date(2027, 5, 31))
        tx.connection.execute(update(Guardianship).where(Guardianship.child_id != twin).values(verified_at=None))
        tx.connection.execute(update(Membership).where(Membership.person_id == twin).values(end=date(2027, 6, 1)))
        add_guardianship(tx, console.school, twin, console.people["teacher"])
        people.set_iin(tx, [(twin, vault.lookup(IIN), vault.seal(twin, IIN))])
        credentials.replace(tx, "password", [(twin, {"hash": "x"})], must_change=False, now=console.clock.now())
        credentials.add(tx, twin, "totp", {"sealed": "x"}, now=console.clock.now())
    _add_card(console, twin, b"twin")
    return twin


def _add_card(console: Console, person: str, number: bytes) -> None:
    now = console.clock.now()
    row = {
        "id": new_id(), "school_id": console.school, "person_id": person, "number_hash": number, "number_hint": "0001",
        "issued_at": now, "issued_by": "x", "changed_at": now, "changed_by": "x",
    }  # fmt: skip
    with console.parts.uow.write() as tx:
        tx.connection.execute(insert(Card), row)


def _state(console: Console) -> dict[str, Any]:
    """Whose everything is, to compare before and after."""
    found: dict[str, Any] = {}
    with console.parts.uow.read() as tx:
        for model, columns in (
            (Membership, ("person_id", "end")), (Enrolment, ("person_id", "end")), (Card, ("person_id", "state")),
            (Guardianship, ("child_id", "guardian_id", "end", "end_reason", "verified_at")),
            (Credential, ("person_id", "method")),
        ):  # fmt: skip
            query = select(model.id, *(getattr(model, name) for name in columns))
            found |= {row[0]: tuple(row[1:]) for row in tx.connection.execute(query)}
        query = select(Person.id, Person.status, Person.merged_into_id, Person.iin_lookup)
        found |= {row[0]: tuple(row[1:]) for row in tx.connection.execute(query)}
    return found


def test_everything_moves_in_one_act_and_back_again(console: Console) -> None:
    merging, scope, director = (
        console.parts.merging,
        Scope("", "director", (console.school,)),
        actor(console, "director"),
    )
    twin, pupil = _twin(console), console.people["pupil"]
    _add_card(console, pupil, b"pupil")
    (pair,) = merging.pairs(scope)
    assert ({pair.one, pair.other}, pair.why) == ({twin, pupil}, "name")
    outlook = merging.outlook(director, scope, pupil, twin)
    assert (outlook.refusals, outlook.notes) == ((), ("card", "link", "username"))
    before = _state(console)
    browser = console.browser("twin", acr=levels.PASSWORD)
    merging.merge(director, scope, pupil, twin)

    after = _state(console)
    vault = console.parts.iin_vault
    assert after[twin] == ("merged", pupil, None)
    assert after[pupil][2] == vault.lookup(IIN)
    assert console.parts.person_facts.of(scope, pupil).iin == "••••••••0019"
    with console.parts.uow.read() as tx:
        held = select(func.count()).select_from(Card).where(Card.person_id == pupil, Card.state == "active")
        assert tx.connection.execute(held).scalar_one() == 1
        links = select(Guardianship.guardian_id).where(
            Guardianship.child_id == pupil, Guardianship.verified_at.is_not(None), Guardianship.end_reason == ""
        )  # fmt: skip
        assert set(tx.connection.execute(links).scalars()) == {console.people["guardian"], console.people["teacher"]}
        methods = select(Credential.method).where(Credential.person_id == pupil)
        assert list(tx.connection.execute(methods).scalars()) == ["password"]
        open_places = select(Enrolment.id).where(Enrolment.person_id == pupil, Enrolment.end.is_(None))
        assert len(tx.connection.execute(open_places).all()) == 1
        events = select(AuditEvent.person_id).where(AuditEvent.event == "people_merged")
        assert set(tx.connection.execute(events).scalars()) == {twin, pupil}
    assert browser.go("/account").request.path.startswith("/login")
    assert console.parts.directory.kept(scope, twin) == pupil
    assert merging.pairs(scope) == []
    with pytest.raises(NotFound):
        merging.merge(director, scope, pupil, twin)

    assert [one.username for one in merging.history(scope, pupil)] == ["twin"]
    merging.undo(director, scope, pupil, twin)
    assert _state(console) == before
    with pytest.raises(NotFound):
        merging.undo(director, scope, pupil, twin)


def test_a_merge_is_refused_for_a_reason(console: Console) -> None:
    merging, scope, director = (
        console.parts.merging,
        Scope("", "director", (console.school,)),
        actor(console, "director"),
    )
    twin, pupil, vault = _twin(console), console.people["pupil"], console.parts.iin_vault
    now = console.clock.now()

    def refusals(kept: str, other: str) -> tuple[str, ...]:
        with pytest.raises(Conflict):
            merging.merge(director, scope, kept, other)
        return merging.outlook(director, scope, kept, other).refusals

    with console.parts.uow.write() as tx:
        tx.connection.execute(
            update(Guardianship).where(Guardianship.child_id == twin).values(blocked_at=now, block_basis="court")
        )
    assert refusals(pupil, twin) == ("blocked_link",)
    with console.parts.uow.write() as tx:
        people.set_iin(tx, [(pupil, vault.lookup("130517600018"), vault.seal(pupil, "130517600018"))])
        tx.connection.execute(update(Person).where(Person.id == pupil).values(restricted_at=now))
        tx.connection.execute(update(Guardianship).values(blocked_at=None))
    assert refusals(twin, pupil) == ("restricted", "iin")
    assert "linked" in refusals(pupil, console.people["guardian"])
    assert refusals(console.people["director"], console.people["nurse"]) == ("self",)
    with pytest.raises(NotFound):
        merging.merge(director, scope, pupil, console.people["other_pupil"])
    with pytest.raises(Denied):
        merging.merge(actor(console, "secretary"), scope, console.people["deputy"], console.people["nurse"])


def test_no_school_takes_a_record_that_another_has(console: Console) -> None:
    merging, director = console.parts.merging, actor(console, "director")
    scope = Scope("", "director", (console.school,))
    twin, pupil = _twin(console), console.people["pupil"]
    with console.parts.uow.write() as tx:
        console.add(tx, "moved", "pupil", console.school)
        own = Membership.id == console.memberships["moved"]
        tx.connection.execute(update(Membership).where(own).values(end=date(2026, 8, 31)))
        elsewhere = add_membership(tx, console.people["moved"], console.other, "pupil")
        console.add(tx, "claims", "guardian", console.school)
        own = Membership.id == console.memberships["claims"]
        tx.connection.execute(update(Membership).where(own).values(school_id=None))
        add_guardianship(tx, console.school, pupil, console.people["claims"], verified_at=None, verified_by="")
        also = add_membership(tx, twin, console.other, "pupil")
    before = _state(console)
    tries = ((pupil, "moved"), ("moved", pupil), ("guardian", "claims"), ("claims", "guardian"), (pupil, twin))
    for kept, merged in tries:
        with pytest.raises(Denied) as caught:
            merging.merge(director, scope, console.people.get(kept, kept), console.people.get(merged, merged))
        assert caught.value.code == "person_elsewhere"
    assert _state(console) == before
    for one in (twin, console.people["moved"], console.people["claims"]):
        merging.outlook(actor(console, "operator"), scope, pupil, one)
    with console.parts.uow.write() as tx:
        for one in (elsewhere, also):
            tx.connection.execute(update(Membership).where(Membership.id == one).values(end=date(2026, 8, 31)))
    assert merging.outlook(director, scope, pupil, twin).refusals == ()
    assert merging.outlook(director, scope, pupil, console.people["moved"]).refusals == ()
    merging.merge(director, scope, pupil, twin)
    with console.parts.uow.write() as tx:
        add_membership(tx, pupil, console.other, "pupil")
    with pytest.raises(Denied):
        merging.undo(director, scope, pupil, twin)
