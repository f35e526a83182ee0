"""jobs/outbox: each item sent, failures retried with growing pauses, then left for the operator."""

from typing import Any

from idp.core.clock import FixedClock
from idp.jobs.outbox import MAX_ATTEMPTS, Outbox
from idp.store import outbox
from idp.store.models.work import OutboxItem
from idp.store.session import UnitOfWork


def _enqueue(uow: UnitOfWork, clock: FixedClock, number: int = 1) -> None:
    with uow.write() as tx:
        outbox.enqueue(tx, kind="letter", data={"n": number}, now=clock.now())


def test_an_item_is_sent_once(uow: UnitOfWork, clock: FixedClock) -> None:
    sent: list[dict[str, Any]] = []
    box = Outbox(uow, clock, {"letter": sent.append})
    _enqueue(uow, clock)
    assert box.drain() == 1
    assert box.drain() == 0
    assert sent == [{"n": 1}]


def test_one_bad_item_does_not_hold_the_others_up(uow: UnitOfWork, clock: FixedClock) -> None:
    sent: list[int] = []

    def send(data: dict[str, Any]) -> None:
        if data["n"] == 1:
            raise ConnectionError("refused")
        sent.append(data["n"])

    for number in (1, 2, 3):
        _enqueue(uow, clock, number)
    Outbox(uow, clock, {"letter": send}).drain()
    assert sorted(sent) == [2, 3]


def test_a_failing_item_is_retried_later_and_at_last_given_up(uow: UnitOfWork, clock: FixedClock) -> None:
    tried: list[Any] = []

    def fail(data: dict[str, Any]) -> None:
        tried.append(clock.now())
        raise ConnectionError("refused")

    box = Outbox(uow, clock, {"letter": fail})
    _enqueue(uow, clock)
    for _ in range(MAX_ATTEMPTS + 3):
        box.drain()
        assert box.drain() == 0
        clock.advance(hours=2)
    assert len(tried) == MAX_ATTEMPTS
    with uow.read() as tx:
        item = tx.session.query(OutboxItem).one()
        assert item.failed
        assert "refused" in item.last_error


def test_kinds_without_a_handler_wait_for_a_worker_that_knows_them(uow: UnitOfWork, clock: FixedClock) -> None:
    _enqueue(uow, clock)
    assert Outbox(uow, clock, {}).drain() == 0
    sent: list[Any] = []
    assert Outbox(uow, clock, {"letter": sent.append}).drain() == 1
