"""jobs/schedule: every job once per period, whoever runs it."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from idp.core.clock import FixedClock
from idp.jobs.outbox import Outbox
from idp.jobs.schedule import Job, Worker
from idp.store.session import UnitOfWork


def _worker(uow: UnitOfWork, clock: FixedClock, ran: list[str], name: str) -> Worker:
    def run() -> None:
        ran.append(name)
        raise RuntimeError("a failing job must not end the worker")

    return Worker(uow, clock, Outbox(uow, clock, {}), [Job("tidy", timedelta(hours=1), run)])


def test_two_workers_run_a_job_once_per_period(uow: UnitOfWork, clock: FixedClock) -> None:
    ran: list[str] = []
    one, other = _worker(uow, clock, ran, "one"), _worker(uow, clock, ran, "other")
    for _ in range(3):
        one.once()
        other.once()
    assert ran == ["one"]
    clock.advance(hours=1)
    other.once()
    one.once()
    assert ran == ["one", "other"]


def test_a_stopped_worker_leaves_its_loop(uow: UnitOfWork, clock: FixedClock) -> None:
    worker = _worker(uow, clock, [], "one")
    worker.stop()
    worker.forever()


def test_a_database_that_was_away_costs_a_job_no_period(
    uow: UnitOfWork, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    worker = _worker(uow, clock, ran, "one")

    def away(*_: object, **__: object) -> bool:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    with monkeypatch.context() as patch, pytest.raises(OperationalError):
        patch.setattr("idp.jobs.schedule.leases.acquire", away)
        worker.once()
    worker.once()
    assert ran == ["one"]
