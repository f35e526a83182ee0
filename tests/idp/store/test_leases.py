"""Leases: one owner at a time, on every database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.store import leases
from idp.store.models.work import Lease
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.processes import run_together

_HOLD = timedelta(seconds=30)


def _acquire(uow: UnitOfWork, owner: str, now: datetime, name: str = "rotation") -> bool:
    with uow.write() as tx:
        return leases.acquire(tx, name, owner=owner, now=now, hold=_HOLD)


def test_a_free_lease_is_had_and_a_held_one_is_not(uow: UnitOfWork, clock: FixedClock) -> None:
    assert _acquire(uow, "one", clock.now())
    assert not _acquire(uow, "other", clock.now())
    assert _acquire(uow, "other", clock.now(), name="retention")


def test_its_owner_prolongs_it(uow: UnitOfWork, clock: FixedClock) -> None:
    assert _acquire(uow, "one", clock.now())
    clock.advance(seconds=20)
    assert _acquire(uow, "one", clock.now())
    clock.advance(seconds=20)
    assert not _acquire(uow, "other", clock.now())


def test_a_dead_owner_loses_it_when_it_is_over(uow: UnitOfWork, clock: FixedClock) -> None:
    assert _acquire(uow, "one", clock.now())
    clock.advance(seconds=30)
    assert _acquire(uow, "other", clock.now())
    assert not _acquire(uow, "one", clock.now())


def test_the_fence_grows_with_every_acquisition(uow: UnitOfWork, clock: FixedClock) -> None:
    fences = []
    for owner in ("one", "other", "one"):
        assert _acquire(uow, owner, clock.now())
        with uow.read() as tx:
            fences.append(tx.connection.execute(select(Lease.fence)).scalar_one())
        clock.advance(seconds=31)
    assert fences == sorted(set(fences))


def _try(database_url: str, owner: str, rounds: int, now: datetime) -> list[int]:
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    won = [number for number in range(rounds) if _acquire(uow, owner, now, name=f"job {number}")]
    engine.dispose()
    return won


def test_of_four_processes_exactly_one_gets_each_lease(database_url: str, clock: FixedClock) -> None:
    won = run_together(_try, [(database_url, f"owner {number}", 40, clock.now()) for number in range(4)])
    assert sorted(number for winner in won for number in winner) == list(range(40))
