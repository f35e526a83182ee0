"""services/sessions: opened with a new secret, ended by idleness and by time, one membership active."""

from datetime import date, timedelta

import pytest

from idp.core import levels
from idp.core.clock import FixedClock
from idp.core.errors import NotFound
from idp.core.ids import fingerprint
from idp.services.sessions import PERSONAL, SHARED, STAFF, Opened, Sessions
from idp.store import sessions as stored
from idp.store.session import UnitOfWork
from tests.factories.rows import add_membership, add_person, add_school


@pytest.fixture
def sessions(uow: UnitOfWork, clock: FixedClock) -> Sessions:
    return Sessions(uow, clock)


@pytest.fixture
def person(uow: UnitOfWork) -> str:
    with uow.write() as tx:
        return add_person(tx)


def _open(sessions: Sessions, uow: UnitOfWork, person: str, *, shared: bool = False, replaces: str = "") -> Opened:
    with uow.write() as tx:
        return sessions.open(
            tx,
            person_id=person,
            acr=levels.PASSWORD,
            amr=("pwd",),
            is_shared=shared,
            browser="Chromium",
            replaces=replaces,
        )


def test_only_the_hash_of_the_cookie_is_stored(
    sessions: Sessions, uow: UnitOfWork, person: str, clock: FixedClock
) -> None:
    opened = _open(sessions, uow, person)
    with uow.read() as tx:
        assert stored.live(tx, opened.token, now=clock.now()) is None
        assert stored.live(tx, fingerprint(opened.token), now=clock.now()) is not None
    assert sessions.current(opened.token) is not None
    assert sessions.current("") is None
    assert sessions.current("made up") is None


@pytest.mark.parametrize(
    ("role", "shared", "term"), [("pupil", False, PERSONAL), ("teacher", False, STAFF), ("pupil", True, SHARED)]
)
def test_a_session_ends_by_idleness_and_at_its_absolute_end(
    sessions: Sessions, uow: UnitOfWork, person: str, clock: FixedClock, role: str, shared: bool, term: object
) -> None:
    assert isinstance(term, type(PERSONAL))
    with uow.write() as tx:
        add_membership(tx, person, add_school(tx), role)
    opened = _open(sessions, uow, person, shared=shared)
    assert (opened.max_age is None) is shared
    clock.moment += term.idle - timedelta(seconds=1)
    assert sessions.current(opened.token) is not None
    clock.moment += term.idle
    assert sessions.current(opened.token) is None
    opened = _open(sessions, uow, person, shared=shared)
    end = clock.moment + term.absolute
    while clock.moment + term.idle / 2 < end:
        assert sessions.current(opened.token) is not None
        clock.moment += term.idle / 2
    clock.moment = end
    assert sessions.current(opened.token) is None


def test_a_blocked_person_has_no_session_from_that_moment(sessions: Sessions, uow: UnitOfWork, person: str) -> None:
    opened = _open(sessions, uow, person)
    with uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE people SET status='blocked'")
    assert sessions.current(opened.token) is None


def test_signing_in_again_changes_the_secret_and_keeps_the_session(
    sessions: Sessions, uow: UnitOfWork, person: str
) -> None:
    first = _open(sessions, uow, person)
    second = _open(sessions, uow, person, replaces=first.token)
    assert second.token != first.token
    assert second.session_id == first.session_id
    assert sessions.current(first.token) is None


def test_somebody_elses_cookie_is_not_taken_over(sessions: Sessions, uow: UnitOfWork, person: str) -> None:
    with uow.write() as tx:
        other = add_person(tx, "nurlan")
    first = _open(sessions, uow, person)
    second = _open(sessions, uow, other, replaces=first.token)
    assert second.session_id != first.session_id


def test_the_active_membership_is_the_last_used_then_the_primary(
    sessions: Sessions, uow: UnitOfWork, person: str
) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        guardian = add_membership(tx, person, school, "guardian")
        teacher = add_membership(tx, person, school, "teacher", is_primary=True)
        add_membership(tx, person, school, "pupil", end=date(2020, 6, 1))
    session = sessions.current(_open(sessions, uow, person).token)
    assert session is not None
    assert session.membership_id == teacher
    sessions.switch(session, guardian)
    assert sessions.role_of(person) == "guardian"
    again = sessions.current(_open(sessions, uow, person).token)
    assert again is not None
    assert again.membership_id == guardian
    assert {one.role for one in sessions.memberships(person)} == {"guardian", "teacher"}


def test_nobody_switches_to_a_membership_of_somebody_else(sessions: Sessions, uow: UnitOfWork, person: str) -> None:
    with uow.write() as tx:
        foreign = add_membership(tx, add_person(tx, "saule"), add_school(tx), "director")
    session = sessions.current(_open(sessions, uow, person).token)
    assert session is not None
    with pytest.raises(NotFound):
        sessions.switch(session, foreign)


def test_a_person_sees_their_own_sessions_only(sessions: Sessions, uow: UnitOfWork, person: str) -> None:
    with uow.write() as tx:
        other = add_person(tx, "nurlan")
    _open(sessions, uow, other)
    mine = _open(sessions, uow, person)
    assert [one.id for one in sessions.of_person(person)] == [mine.session_id]


def test_a_membership_that_was_just_proved_becomes_active(sessions: Sessions, uow: UnitOfWork, person: str) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        add_membership(tx, person, school, "guardian", is_primary=True)
        proved = add_membership(tx, person, school, "director")
    first = _open(sessions, uow, person)
    with uow.write() as tx:
        again = sessions.open(
            tx, person_id=person, acr=levels.EDS, amr=("hwk",), is_shared=False, browser="Chromium",
            replaces=first.token, membership_id=proved,
        )  # fmt: skip
    session = sessions.current(again.token)
    assert session is not None
    assert (session.id, session.membership_id, session.idle_seconds) == (
        first.session_id,
        proved,
        int(STAFF.idle.total_seconds()),
    )
