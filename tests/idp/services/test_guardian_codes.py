"""Codes of a school: what they are worth, and what they are not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import func, select, update

from idp.core.errors import Denied, NotFound, TooSoon
from idp.core.scope import Scope
from idp.services.guardian_codes import THERE, USES, WAITS
from idp.services.listing import Asked
from idp.store.models.audit import AuditEvent
from idp.store.models.invitations import Invitation
from idp.store.models.people import Guardianship, Person
from tests.factories.console import Console
from tests.factories.rows import add_person

BORN = date(2013, 5, 17)


def _scope(console: Console, name: str = "director", classes: tuple[str, ...] | None = None) -> Scope:
    return Scope(console.people[name], name, (console.school,), classes)


def _code(console: Console) -> str:
    (slip,) = console.parts.guardian_codes.make(_scope(console), console.school, console.klass).slips
    return slip.code


def _parents(console: Console, count: int) -> list[str]:
    with console.parts.uow.write() as tx:
        return [add_person(tx, f"parent{number}") for number in range(count)]


def _redeem(console: Console, person: str, code: str, born: date | None = BORN, place: str = "192.0.2.1") -> str:
    return console.parts.guardian_codes.redeem(person, code, born, "parent", place=place)


def _links(console: Console) -> int:
    with console.parts.uow.read() as tx:
        query = select(func.count()).select_from(Guardianship).where(Guardianship.child_id != "")
        return tx.connection.execute(query).scalar_one()


def test_a_good_code_makes_a_link_that_waits_and_shows_nothing(console: Console) -> None:
    sheet = console.parts.guardian_codes.make(_scope(console), console.school, console.klass)
    (slip,) = sheet.slips
    assert (slip.name, sheet.class_title, sheet.last_day) == ("Айгерім С.", "7 «Ә»", date(2026, 9, 15))
    with console.parts.uow.read() as tx:
        stored = tx.connection.execute(select(Invitation.code_hash)).scalar_one()
    assert len(stored) == 64
    assert slip.code not in stored
    (parent,) = _parents(console, 1)
    typed = slip.code.lower().replace("-", " ").replace("k", "К").replace("m", "М")  # A Russian keyboard.
    assert _redeem(console, parent, typed) == WAITS
    assert _redeem(console, parent, slip.code) == WAITS, "a second press asks for nothing more"
    assert console.parts.guardians.children(parent) == []
    assert console.parts.guardian_links.listed(_scope(console), Asked(filters={"state": "waiting"})).total == 1
    with console.parts.uow.read() as tx:
        assert tx.connection.execute(select(Invitation.uses_left)).scalar_one() == USES - 1
    assert _redeem(console, console.people["guardian"], slip.code) == THERE


def test_what_is_wrong_with_a_code_is_not_told(console: Console) -> None:
    codes, now = console.parts.guardian_codes, console.clock.now()
    void = _code(console)
    good = _code(console)
    (parent, blocked) = _parents(console, 2)
    with console.parts.uow.write() as tx:
        row = {"school_id": console.school, "child_id": console.people["pupil"], "guardian_id": blocked}
        tx.session.add(Guardianship(id="b" * 32, verified_at=now, blocked_at=now, **row))
        tx.session.flush()
    tries: list[tuple[str, str, date | None]] = [
        (parent, void, BORN), (parent, "KVTZ-4M7Q-HD", BORN), (parent, good, date(2013, 5, 18)),
        (parent, good, None), (blocked, good, BORN), (parent, "", BORN), (console.people["pupil"], good, BORN),
    ]  # fmt: skip
    said = set()
    for number, (person, code, born) in enumerate(tries):
        with pytest.raises(Denied) as caught:
            _redeem(console, person, code, born, place=f"192.0.2.{number}")
        said.add(caught.value.code)
    assert said == {"code_refused"}
    codes.revoke(_scope(console), console.school, console.klass)
    with pytest.raises(Denied):
        _redeem(console, parent, good, place="192.0.2.50")
    late = _code(console)
    console.clock.advance(days=15)
    with pytest.raises(Denied):
        _redeem(console, parent, late)
    with console.parts.uow.read() as tx:
        events = tx.session.scalars(select(AuditEvent.event)).all()
    assert events.count("guardian_code_refused") == len(tries) + 2
    assert "guardian_asked" not in events


def test_guesses_are_slowed_down_and_a_good_code_buys_no_new_ones(console: Console) -> None:
    good, (parent, hasty) = _code(console), _parents(console, 2)
    for _ in range(5):
        with pytest.raises(Denied):
            _redeem(console, parent, "KVTZ-4M7Q-HD")
    assert _redeem(console, parent, good) == WAITS
    with pytest.raises(Denied):
        _redeem(console, parent, "KVTZ-4M7Q-HD")
    with pytest.raises(TooSoon):
        _redeem(console, parent, "KVTZ-4M7Q-HD")
    with pytest.raises(TooSoon):
        _redeem(console, parent, good)

    def guess(_number: int) -> str:
        try:
            return _redeem(console, hasty, "KVTZ-4M7Q-HD", place="192.0.2.9")
        except (Denied, TooSoon) as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(guess, range(12)))
    assert (told.count("code_refused"), told.count("too_many_attempts")) == (6, 6), "at once, and all counted"


def test_of_many_who_come_at_once_only_as_many_as_uses_get_in(console: Console) -> None:
    code, parents = _code(console), _parents(console, 8)
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Invitation).where(Invitation.child_id != "").values(uses_left=2))
    before = _links(console)

    def attempt(person: str) -> bool:
        try:
            return _redeem(console, person, code, place=f"p{person}") == WAITS
        except Denied:
            return False

    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(attempt, parents))
    assert sum(passed) == 2
    assert _links(console) == before + 2
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Invitation).where(Invitation.child_id != "").values(uses_left=4))
    one = parents[passed.index(False)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(attempt, [one] * 4)) == [True] * 4
    assert _links(console) == before + 3, "one link, however often the button is pressed"


def test_a_code_of_a_grown_up_leads_nowhere_and_a_refused_parent_may_ask_again(console: Console) -> None:
    code, (parent,) = _code(console), _parents(console, 1)
    assert _redeem(console, parent, code) == WAITS
    with console.parts.uow.write() as tx:
        link = tx.connection.execute(select(Guardianship.id).where(Guardianship.guardian_id == parent)).scalar_one()
    console.parts.guardian_links.refuse(_scope(console), link, school_id=console.school)
    assert _redeem(console, parent, code) == WAITS
    console.parts.guardian_links.refuse(_scope(console), link, school_id=console.school)
    eighteen = date(2008, 9, 1)
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Person).where(Person.id == console.people["pupil"]).values(birth_date=eighteen))
    with pytest.raises(Denied):
        _redeem(console, parent, code, eighteen)


def test_a_class_teacher_makes_codes_for_the_own_class_only(console: Console) -> None:
    codes = console.parts.guardian_codes
    scope = _scope(console, "class_teacher", (console.klass,))
    assert [one.id for one in codes.classes(scope)] == [console.klass]
    assert len(codes.make(scope, console.school, console.klass).slips) == 1
    assert codes.classes(scope)[0].codes == 1
    for foreign in (console.other_klass, "nowhere"):
        with pytest.raises(NotFound):
            codes.make(scope, console.school, foreign)
        with pytest.raises(NotFound):
            codes.revoke(scope, console.school, foreign)
    with pytest.raises(NotFound):
        codes.make(_scope(console, "class_teacher", ()), console.school, console.klass)
