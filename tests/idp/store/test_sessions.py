"""store/sessions: found by hash, bound to their person."""

from datetime import date, timedelta

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.ids import fingerprint
from idp.store import sessions
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school


def _add(uow: UnitOfWork, clock: FixedClock, person: str, session_id: str = "s1") -> None:
    now = clock.now()
    row = {"id": session_id, "token_hash": fingerprint(session_id), "person_id": person, "acr": levels.PASSWORD}
    times = {"auth_time": now, "created_at": now, "last_seen_at": now, "expires_at": now + timedelta(hours=2)}
    with uow.write() as tx:
        sessions.create(tx, row | times | {"amr": ["pwd"], "idle_seconds": 600, "is_shared": False, "browser": "x"})


def test_a_session_is_live_until_idle_or_over(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
    _add(uow, clock, person)

    def is_live() -> bool:
        with uow.read() as tx:
            return sessions.live(tx, fingerprint("s1"), now=clock.now()) is not None

    clock.advance(seconds=599)
    assert is_live()
    clock.advance(seconds=1)
    assert not is_live()
    with uow.write() as tx:
        sessions.touch(tx, "s1", now=clock.now())
    assert is_live()
    clock.advance(hours=2)
    assert not is_live()


def test_nobody_lists_somebody_elses_session(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person, other = add_person(tx), add_person(tx, "nurlan")
    _add(uow, clock, person)
    with uow.write() as tx:
        assert sessions.of_person(tx, other, now=clock.now()) == []
        assert [one.id for one in sessions.of_person(tx, person, now=clock.now())] == ["s1"]


def test_memberships_are_those_that_hold_today(uow: UnitOfWork) -> None:
    today = date(2026, 9, 1)
    with uow.write() as tx:
        person, school = add_person(tx), add_school(tx)
        add_membership(tx, person, school, "pupil", end=today)
        add_membership(tx, person, school, "guardian", begin=today + timedelta(days=1))
        young = add_membership(tx, person, school, "pupil", begin=today, grade="04", is_primary=True)
        older = add_membership(tx, person, school, "pupil", grade="05")
        found = sessions.memberships_of_person(tx, person, today=today)
    assert [one.id for one in found] == [young, older]
    assert [one.is_young for one in found] == [True, False]
