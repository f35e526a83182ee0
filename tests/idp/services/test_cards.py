"""One register of cards: one active card a person, one holder a number, one block stops all."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from idp.core.card_number import AmbiguousNumber, UnreadableNumber
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.scope import Scope
from idp.services import scope as scopes
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.cards import Card
from idp.store.models.people import Person
from tests.factories.console import Console

NUMBER, OTHER = "0013961168", "0005280984"


def _office(console: Console, school: str = "") -> Scope:
    return scopes.of_actor(console.people["secretary"], "secretary", (school or console.school,))


def _refused(console: Console, key: str, number: str, code: str) -> None:
    with pytest.raises((Conflict, NotFound)) as refused:
        console.parts.cards.issue(_office(console), console.school, key, number, "dec10")
    assert refused.value.code == code


def test_a_card_lives_from_issue_to_return(console: Console) -> None:
    """Issue, block, unblock, replace, return, and the plastic goes to the next pupil; each step has its author."""
    cards, pupil, scope = console.parts.cards, console.people["pupil"], _office(console)
    first = cards.issue(scope, console.school, "pupil", NUMBER, "dec10")
    assert cards.resolve(console.school, NUMBER, "dec10").person_id == pupil
    for _ in range(2):
        cards.block(scope, first, "lost")
    assert cards.resolve(console.school, "00:D5:07:D0", "hex").state == "blocked"
    cards.unblock(scope, first)
    assert cards.resolve(console.school, NUMBER, "dec10").state == "active"
    with pytest.raises(Conflict):
        cards.unblock(scope, first)
    second = cards.replace(scope, first, OTHER, "dec10", reason="broken")
    assert [cards.resolve(console.school, one, "dec10").state for one in (NUMBER, OTHER)] == ["replaced", "active"]
    for _ in range(2):
        cards.take_back(scope, second, "left")
    assert cards.resolve(console.school, OTHER, "dec10").state == "returned"
    cards.issue(scope, console.school, "teacher", OTHER, "dec10")
    assert cards.resolve(console.school, OTHER, "dec10").person_id == console.people["teacher"]
    with console.parts.uow.read() as tx:
        events = list(tx.session.scalars(select(AuditEvent).where(AuditEvent.event.like("card_%"))))
        fed = tx.connection.execute(select(Change.action, Change.school_id).where(Change.kind == "cards")).all()
        stored = list(tx.session.scalars(select(Card)))
    assert sorted(one.event for one in events) == [
        "card_blocked", "card_issued", "card_issued", "card_issued", "card_replaced", "card_returned", "card_unblocked",
    ]  # fmt: skip
    assert {(one.actor_id, one.school_id) for one in events} == {(console.people["secretary"], console.school)}
    assert [row.action for row in fed] == [
        "added", "changed", "changed", "ended", "added", "ended", "added",
    ]  # fmt: skip
    assert next(one for one in stored if one.id == first).replaced_by_id == second
    kept = repr([(one.number_hash, one.short_hash, one.number_hint) for one in stored]) + repr(
        [one.data for one in events]
    )
    assert NUMBER not in kept
    assert OTHER not in kept
    assert "1168" in kept


def test_what_may_not_be_is_refused_by_name(console: Console) -> None:
    cards, scope = console.parts.cards, _office(console)
    first = cards.issue(scope, console.school, "pupil", NUMBER, "dec10")
    _refused(console, "pupil", OTHER, "card_already_active")
    _refused(console, "teacher", NUMBER, "card_number_taken")
    _refused(console, "guardian", OTHER, "card_holder_unknown")
    _refused(console, "other_pupil", OTHER, "card_holder_unknown")
    with pytest.raises(Conflict) as taken:
        cards.issue(_office(console, console.other), console.other, "other_pupil", NUMBER, "dec10")
    assert taken.value.code == "card_number_taken"
    with pytest.raises(NotFound):
        cards.block(_office(console, console.other), first, "lost")
    with pytest.raises(Invalid):
        cards.block(scope, first, "because")
    with pytest.raises(NotFound):
        cards.resolve(console.other, NUMBER, "dec10")
    with pytest.raises(UnreadableNumber):
        cards.issue(scope, console.school, "teacher", "no number", "dec10")


def test_the_byte_order_is_the_schools_or_said_at_entry(console: Console) -> None:
    cards, scope = console.parts.cards, _office(console)
    with pytest.raises(AmbiguousNumber):
        cards.issue(scope, console.school, "pupil", "04A1B2C3")
    with pytest.raises(Invalid):
        cards.set_number_format(scope, console.school, "w34")
    cards.set_number_format(scope, console.school, "hexr")
    cards.issue(scope, console.school, "pupil", "04A1B2C3")
    assert cards.resolve(console.school, "C3B2A104", "hex").person_id == console.people["pupil"]
    assert cards.number_format(console.other) == ""


def test_a_wiegand_reader_knows_a_card_by_24_bits_unless_two_share_them(console: Console) -> None:
    """One school's readers give fewer digits than were entered; where that fits two cards nobody is let in."""
    cards, scope = console.parts.cards, _office(console)
    cards.issue(scope, console.school, "pupil", NUMBER, "dec10")
    assert cards.resolve(console.school, "213,02000").person_id == console.people["pupil"]
    _refused(console, "teacher", "213,02000", "card_number_taken")
    cards.issue(scope, console.school, "teacher", "01D507D0", "hex")
    with pytest.raises(Conflict) as refused:
        cards.resolve(console.school, "213,02000")
    assert refused.value.code == "card_number_ambiguous"
    cards.issue(scope, console.school, "guard", "080,38104")
    assert cards.resolve(console.school, OTHER, "dec10").person_id == console.people["guard"]
    cards.issue(_office(console, console.other), console.other, "other_pupil", "080,38104")


def test_who_left_or_is_restricted_does_not_pass(console: Console) -> None:
    cards = console.parts.cards
    cards.issue(_office(console), console.school, "pupil", NUMBER, "dec10")
    with console.parts.uow.write() as tx:
        tx.connection.execute(
            update(Person).where(Person.id == console.people["pupil"]).values(restricted_at=console.clock.now())
        )
    assert cards.resolve(console.school, NUMBER, "dec10").state == "left"


def test_a_parent_or_the_person_reports_a_lost_card(console: Console) -> None:
    cards, people = console.parts.cards, console.people
    with pytest.raises(NotFound):
        cards.block_own(people["guardian"], people["pupil"])
    cards.issue(_office(console), console.school, "pupil", NUMBER, "dec10")
    cards.block_own(people["guardian"], people["pupil"])
    cards.block_own(people["pupil"], people["pupil"])
    mine = cards.mine(people["pupil"])
    assert mine is not None
    assert (mine.state, mine.reason, mine.number_hint) == ("blocked", "lost", "1168")
    with console.parts.uow.read() as tx:
        event = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "card_blocked")).one()
    assert (event.actor_id, event.person_id) == (people["guardian"], people["pupil"])


def test_of_parallel_issues_one_wins_and_the_others_conflict(console: Console) -> None:
    """One number for five people, and five numbers for one: the unique indexes decide, not the look before."""
    cards, scope = console.parts.cards, _office(console)
    cards.hashes(cards.read(console.school, NUMBER, "dec10"), console.school)
    outcomes: list[str] = []

    def give(person: str, number: str) -> None:
        try:
            cards.issue(scope, console.school, person, number, "dec10")
            outcomes.append("issued")
        except Conflict as error:
            outcomes.append(error.code)

    for pairs, code in (
        ([(name, NUMBER) for name in ("pupil", "teacher", "guard", "nurse")], "card_number_taken"),
        ([("canteen", str(number)) for number in range(1001, 1005)], "card_already_active"),
    ):
        outcomes.clear()
        threads = [threading.Thread(target=give, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == sorted(["issued", code, code, code])
