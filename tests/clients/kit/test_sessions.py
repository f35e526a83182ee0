"""Sessions: opaque, sealed, bounded; one refresh at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.sealing import Sealer, derive_key
from clients.kit.sessions import ABSOLUTE, IDLE, REFRESH_LEASE, ClientSession, Sessions, Tokens
from idp.core.clock import FixedClock
from idp.core.ids import fingerprint

KEY = derive_key("secret", "tokens")


@pytest.fixture
def sessions(client_database: Database, clock: FixedClock) -> Sessions:
    return Sessions(client_database, Sealer(KEY), clock)


def tokens(clock: FixedClock, text: str = "1") -> Tokens:
    return Tokens(f"access-{text}", f"refresh-{text}", "id-token", clock.now() + timedelta(minutes=5))


def begun(sessions: Sessions, clock: FixedClock, *, instead_of: str = "") -> tuple[str, ClientSession]:
    cookie = sessions.create(sub="sub", sid="sid", tokens=tokens(clock), claims={}, instead_of=instead_of)
    found = sessions.find(cookie)
    assert found is not None
    return cookie, found


def test_a_session_is_found_by_its_cookie_only(sessions: Sessions, clock: FixedClock) -> None:
    cookie, found = begun(sessions, clock)
    assert (found.sub, found.sid, found.tokens) == ("sub", "sid", tokens(clock))
    assert found.id == fingerprint(cookie)
    assert sessions.find(found.id) is None
    assert sessions.find("") is None


def test_nothing_in_the_row_opens_a_session_or_a_token(
    sessions: Sessions, client_database: Database, clock: FixedClock
) -> None:
    cookie, _ = begun(sessions, clock)
    with client_database.read() as connection:
        row = str(connection.execute(select(tables.sessions)).one())
    assert not any(secret in row for secret in (cookie, "access-1", "refresh-1", "id-token"))


def test_a_new_login_ends_the_session_before_it(sessions: Sessions, clock: FixedClock) -> None:
    first, _ = begun(sessions, clock)
    second, _ = begun(sessions, clock, instead_of=first)
    assert sessions.find(first) is None
    assert sessions.find(second) is not None


def test_an_idle_session_ends_and_a_used_one_does_not(sessions: Sessions, clock: FixedClock) -> None:
    cookie, _ = begun(sessions, clock)
    clock.advance(seconds=(IDLE * 0.9).total_seconds())
    assert sessions.find(cookie)
    clock.advance(seconds=(IDLE * 0.9).total_seconds())
    assert sessions.find(cookie)
    clock.advance(seconds=IDLE.total_seconds())
    assert sessions.find(cookie) is None


def test_no_session_outlives_its_absolute_end(sessions: Sessions, clock: FixedClock) -> None:
    cookie, _ = begun(sessions, clock)
    for _ in range(int(ABSOLUTE / IDLE * 2)):
        clock.advance(seconds=(IDLE / 2).total_seconds())
        found = sessions.find(cookie)
    assert found is None


def test_another_client_secret_opens_no_row(sessions: Sessions, client_database: Database, clock: FixedClock) -> None:
    cookie, _ = begun(sessions, clock)
    assert Sessions(client_database, Sealer(derive_key("new", "tokens")), clock).find(cookie) is None


def test_only_one_may_refresh(sessions: Sessions, clock: FixedClock) -> None:
    _, found = begun(sessions, clock)
    assert sessions.begin_refresh(found)
    assert not sessions.begin_refresh(found)
    newer = sessions.finish_refresh(found, tokens(clock, "2"))
    assert newer is not None
    assert (newer.tokens.refresh_token, newer.token_version) == ("refresh-2", 2)
    assert not sessions.begin_refresh(found), "the old tokens must never be sent again"
    assert sessions.begin_refresh(newer)


def test_a_lease_given_back_or_run_out_is_free_again(sessions: Sessions, clock: FixedClock) -> None:
    _, found = begun(sessions, clock)
    assert sessions.begin_refresh(found)
    assert sessions.finish_refresh(found, None)
    assert sessions.begin_refresh(found)
    clock.advance(seconds=REFRESH_LEASE.total_seconds())
    assert sessions.begin_refresh(found)


def test_a_session_ended_meanwhile_stays_ended(sessions: Sessions, clock: FixedClock) -> None:
    _, found = begun(sessions, clock)
    assert sessions.begin_refresh(found)
    sessions.end(found.id)
    assert sessions.finish_refresh(found, tokens(clock, "2")) is None
    assert sessions.again(found) is None
