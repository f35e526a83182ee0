"""Throttles: one count for all processes, in one atomic statement."""

from __future__ import annotations

from datetime import datetime, timedelta

from idp.core.clock import FixedClock
from idp.store import throttles
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.processes import run_together

_WINDOW = timedelta(minutes=15)


def _count(uow: UnitOfWork, now: datetime, key: str = "key") -> tuple[int, datetime]:
    with uow.write() as tx:
        return throttles.count(tx, [key], now=now, window=_WINDOW)[key]


def test_attempts_add_up_by_key(uow: UnitOfWork, clock: FixedClock) -> None:
    ends = clock.now() + _WINDOW
    assert [_count(uow, clock.now()) for _ in range(3)] == [(1, ends), (2, ends), (3, ends)]
    assert _count(uow, clock.now(), "other") == (1, ends)


def test_several_keys_are_counted_at_once_each_in_its_own_window(uow: UnitOfWork, clock: FixedClock) -> None:
    _count(uow, clock.now(), "second")
    first_end = clock.now() + _WINDOW
    clock.advance(minutes=5)
    with uow.write() as tx:
        counted = throttles.count(tx, ["first", "second", "third"], now=clock.now(), window=_WINDOW)
    fresh = (1, clock.now() + _WINDOW)
    assert counted == {"first": fresh, "second": (2, first_end), "third": fresh}


def test_a_window_does_not_move_and_a_new_one_starts_after_it(uow: UnitOfWork, clock: FixedClock) -> None:
    first_end = clock.now() + _WINDOW
    _count(uow, clock.now())
    clock.advance(minutes=14)
    assert _count(uow, clock.now()) == (2, first_end)
    clock.advance(minutes=1)
    assert _count(uow, clock.now()) == (1, clock.now() + _WINDOW)


def test_forgiveness_takes_one_back_and_never_goes_below_zero(uow: UnitOfWork, clock: FixedClock) -> None:
    _count(uow, clock.now())
    with uow.write() as tx:
        for _ in range(3):
            throttles.forgive(tx, "key")
    assert _count(uow, clock.now())[0] == 1


def test_clearing_forgets_the_key(uow: UnitOfWork, clock: FixedClock) -> None:
    _count(uow, clock.now())
    with uow.write() as tx:
        throttles.clear(tx, "key")
    assert _count(uow, clock.now())[0] == 1


def test_only_windows_that_are_over_are_removed(uow: UnitOfWork, clock: FixedClock) -> None:
    _count(uow, clock.now(), "old")
    clock.advance(minutes=10)
    _count(uow, clock.now(), "young")
    clock.advance(minutes=5)
    with uow.write() as tx:
        assert throttles.delete_expired(tx, now=clock.now()) == 1
    assert _count(uow, clock.now(), "young")[0] == 2


def _knock(database_url: str, times: int, now: datetime) -> list[int]:
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    seen = [_count(uow, now)[0] for _ in range(times)]
    engine.dispose()
    return seen


def test_four_processes_share_one_count(database_url: str, clock: FixedClock) -> None:
    """A guesser who spreads attempts over the workers gains none."""
    seen = run_together(_knock, [(database_url, 25, clock.now())] * 4)
    assert sorted(number for process in seen for number in process) == list(range(1, 101))
