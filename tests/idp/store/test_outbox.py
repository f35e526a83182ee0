"""The outbox: an item is sent with its fact or never, by one worker at a time, and comes back when that one dies."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.store import outbox, retention
from idp.store.models.work import OutboxItem
from idp.store.session import UnitOfWork, open_engine
from tests.fakes.processes import run_together

_HOLD = timedelta(minutes=1)
_KINDS = ("backchannel_logout",)


def _enqueue(uow: UnitOfWork, clock: FixedClock, number: int = 0, *, kind: str = _KINDS[0], delay: float = 0) -> None:
    with uow.write() as tx:
        due = clock.now() + timedelta(seconds=delay)
        outbox.enqueue(tx, kind=kind, data={"number": number}, now=clock.now(), due=due)


def _claim(uow: UnitOfWork, now: datetime, limit: int = 10) -> list[outbox.Claimed]:
    with uow.write() as tx:
        return outbox.claim(tx, kinds=_KINDS, now=now, hold=_HOLD, limit=limit)


def test_what_was_enqueued_is_claimed_once(uow: UnitOfWork, clock: FixedClock) -> None:
    _enqueue(uow, clock, 7)
    (item,) = _claim(uow, clock.now())
    assert (item.kind, item.data, item.attempts) == (_KINDS[0], {"number": 7}, 0)
    assert _claim(uow, clock.now()) == []


def test_a_refused_transaction_sends_nothing(uow: UnitOfWork, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError), uow.write() as tx:
        outbox.enqueue(tx, kind=_KINDS[0], data={}, now=clock.now())
        raise RuntimeError
    assert _claim(uow, clock.now()) == []


def test_an_item_waits_until_it_is_due(uow: UnitOfWork, clock: FixedClock) -> None:
    _enqueue(uow, clock, delay=10)
    assert _claim(uow, clock.now()) == []
    with uow.read() as tx:
        assert not outbox.has_due(tx, now=clock.now())
    clock.advance(seconds=10)
    with uow.read() as tx:
        assert outbox.has_due(tx, now=clock.now())
    assert len(_claim(uow, clock.now())) == 1


def test_kinds_nobody_handles_are_left_alone(uow: UnitOfWork, clock: FixedClock) -> None:
    _enqueue(uow, clock, kind="unknown")
    assert _claim(uow, clock.now()) == []


def test_the_items_of_a_dead_worker_come_back(uow: UnitOfWork, clock: FixedClock) -> None:
    _enqueue(uow, clock)
    assert len(_claim(uow, clock.now())) == 1
    clock.advance(seconds=59)
    assert _claim(uow, clock.now()) == []
    clock.advance(seconds=1)
    assert len(_claim(uow, clock.now())) == 1


def test_the_oldest_due_go_first_and_no_more_than_asked(uow: UnitOfWork, clock: FixedClock) -> None:
    for number in (2, 0, 1):
        _enqueue(uow, clock, number, delay=number)
    clock.advance(seconds=5)
    numbers = [_claim(uow, clock.now(), limit=1)[0].data["number"] for _ in range(3)]
    assert numbers == [0, 1, 2]


def test_a_failure_is_tried_again_later_and_counted(uow: UnitOfWork, clock: FixedClock) -> None:
    _enqueue(uow, clock)
    (item,) = _claim(uow, clock.now())
    with uow.write() as tx:
        outbox.retry(tx, item.id, error="x" * 2000, due=clock.now() + timedelta(seconds=30))
    assert _claim(uow, clock.now()) == []
    clock.advance(seconds=30)
    (again,) = _claim(uow, clock.now())
    assert (again.id, again.attempts) == (item.id, 1)
    with uow.read() as tx:
        assert tx.connection.execute(select(OutboxItem.last_error)).scalar_one() == "x" * 500


def test_the_sent_are_removed_and_the_given_up_stay(uow: UnitOfWork, clock: FixedClock) -> None:
    for number in range(3):
        _enqueue(uow, clock, number)
    sent, hopeless, _open = _claim(uow, clock.now())
    with uow.write() as tx:
        outbox.done(tx, sent.id, now=clock.now())
        outbox.give_up(tx, hopeless.id, error="410 Gone", now=clock.now())
    clock.advance(hours=1)
    assert len(_claim(uow, clock.now())) == 1
    with uow.write() as tx:
        assert retention.delete_some(tx, retention.SENT, before=clock.now(), limit=10) == 1
        left = tx.connection.execute(select(OutboxItem.id, OutboxItem.failed)).all()
    assert (hopeless.id, True) in [tuple(row) for row in left]
    assert len(left) == 2


def _claim_all(database_url: str, now: datetime) -> list[str]:
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    claimed: list[str] = []
    while items := _claim(uow, now, limit=3):
        claimed += [item.id for item in items]
    engine.dispose()
    return claimed


def test_four_workers_share_the_items_without_overlap(database_url: str, uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        for number in range(100):
            outbox.enqueue(tx, kind=_KINDS[0], data={"number": number}, now=clock.now())
    claimed = [item for worker in run_together(_claim_all, [(database_url, clock.now())] * 4) for item in worker]
    assert len(claimed) == len(set(claimed)) == 100
