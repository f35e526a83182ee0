"""One-time values: one spender of any number, one purpose, one lifetime."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from idp.core.clock import FixedClock
from idp.store import one_time
from idp.store.models.sessions import OneTimeValue
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.processes import run_together

_TTL = timedelta(minutes=1)


def _put(uow: UnitOfWork, clock: FixedClock, value: str = "secret", purpose: str = "code") -> None:
    with uow.write() as tx:
        one_time.put(tx, value, purpose=purpose, data={"for": value}, now=clock.now(), ttl=_TTL)


def _consume(uow: UnitOfWork, clock: FixedClock, value: str = "secret", purpose: str = "code") -> object:
    with uow.write() as tx:
        return one_time.consume(tx, value, purpose=purpose, now=clock.now())


def test_a_value_is_spent_once(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock)
    assert _consume(uow, clock) == {"for": "secret"}
    assert _consume(uow, clock) is None


def test_another_purpose_does_not_spend_it(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock)
    assert _consume(uow, clock, purpose="reset") is None
    assert _consume(uow, clock) is not None


def test_it_lives_until_its_last_moment_and_not_in_it(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock, "early")
    _put(uow, clock, "late")
    clock.advance(seconds=59.999999)
    assert _consume(uow, clock, "early") is not None
    clock.advance(seconds=0.000001)
    assert _consume(uow, clock, "late") is None


def test_looking_does_not_spend(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock)
    with uow.read() as tx:
        for _ in range(2):
            assert one_time.peek(tx, "secret", purpose="code", now=clock.now()) == {"for": "secret"}
        assert one_time.peek(tx, "other", purpose="code", now=clock.now()) is None


def test_the_value_itself_is_not_stored(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        one_time.put(tx, "secret", purpose="code", data={}, now=clock.now(), ttl=_TTL)
        (row,) = tx.connection.execute(select(OneTimeValue.__table__)).all()
    assert "secret" not in str(row)


def test_a_refused_transaction_leaves_the_value_unspent(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock)
    with pytest.raises(RuntimeError), uow.write() as tx:
        one_time.consume(tx, "secret", purpose="code", now=clock.now())
        raise RuntimeError
    assert _consume(uow, clock) is not None


def test_the_same_value_twice_clashes(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock)
    with pytest.raises(IntegrityError):
        _put(uow, clock)


def test_a_value_seen_before_is_not_new_and_the_transaction_goes_on(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        assert one_time.put_if_new(tx, "jti", purpose="assertion", now=clock.now(), ttl=_TTL)
        assert not one_time.put_if_new(tx, "jti", purpose="assertion", now=clock.now(), ttl=_TTL)
        assert one_time.put_if_new(tx, "jti", purpose="logout", now=clock.now(), ttl=_TTL)


def test_only_the_expired_are_removed(uow: UnitOfWork, clock: FixedClock) -> None:
    _put(uow, clock, "old")
    clock.advance(seconds=30)
    _put(uow, clock, "young")
    clock.advance(seconds=30)
    with uow.write() as tx:
        assert one_time.delete_expired(tx, now=clock.now()) == 1
    assert _consume(uow, clock, "young") is not None


def _spend_all(database_url: str, values: list[str], now: datetime) -> list[str]:
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    won = []
    for value in values:
        with uow.write() as tx:
            if one_time.consume(tx, value, purpose="code", now=now) is not None:
                won.append(value)
    engine.dispose()
    return won


def test_of_four_processes_exactly_one_spends_each_value(
    database_url: str,
    uow: UnitOfWork,
    clock: FixedClock,
    effort: Callable[[int, int], int],
    counted: Callable[[str, int], None],
) -> None:
    values = [f"value {number}" for number in range(effort(50, 1000))]
    for value in values:
        _put(uow, clock, value)
    won = run_together(_spend_all, [(database_url, values, clock.now())] * 4)
    assert sorted(value for winner in won for value in winner) == sorted(values)
    counted("one-time values raced for by four processes", len(values))


def _first_to_see(database_url: str, values: list[str], now: datetime) -> list[str]:
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    won = []
    for value in values:
        with uow.write() as tx:
            if one_time.put_if_new(tx, value, purpose="assertion", now=now, ttl=_TTL):
                won.append(value)
    engine.dispose()
    return won


def test_of_four_processes_exactly_one_sees_a_value_first(
    database_url: str, clock: FixedClock, effort: Callable[[int, int], int]
) -> None:
    """A replayed client assertion must not pass because two workers looked at the same moment."""
    values = [f"jti {number}" for number in range(effort(50, 1000))]
    won = run_together(_first_to_see, [(database_url, values, clock.now())] * 4)
    assert sorted(value for winner in won for value in winner) == sorted(values)


def test_only_an_expired_pair_makes_room_for_a_new_one(uow: UnitOfWork, clock: FixedClock) -> None:
    for value, purpose in (("secret", "code"), ("other", "code"), ("secret", "reset")):
        _put(uow, clock, value, purpose)
    with uow.write() as tx:
        one_time.forget_expired(tx, "secret", purpose="code", now=clock.now())
        assert one_time.peek(tx, "secret", purpose="code", now=clock.now()) is not None
    clock.advance(minutes=1)
    with uow.write() as tx:
        one_time.forget_expired(tx, "secret", purpose="code", now=clock.now())
    _put(uow, clock)
    for value, purpose in (("other", "code"), ("secret", "reset")):
        with pytest.raises(IntegrityError):
            _put(uow, clock, value, purpose)
