"""Errands of phones: steps that happen once, of one browser and one purpose."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.store import phone_errands
from idp.store.models.signing import PhoneErrand
from idp.store.session import Tx, UnitOfWork


def _add(tx: Tx, clock: FixedClock, errand_id: str = "one") -> None:
    now = clock.now()
    row = {"purpose": "login", "browser": "mine", "document": b"text", "token_hash": "t", "created_at": now}
    phone_errands.add(tx, errand_id, {**row, "request_id": None, "expires_at": now + timedelta(minutes=3)})


def _deliver(tx: Tx, clock: FixedClock) -> bool:
    ends = clock.now() + timedelta(minutes=2)
    return phone_errands.delivered(tx, "one", b"sealed", now=clock.now(), expires_at=ends)


def test_the_id_itself_is_not_stored(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        _add(tx, clock, "secret id")
        (row,) = tx.connection.execute(select(PhoneErrand.__table__)).all()
        assert "secret id" not in str(row)
        found = phone_errands.find(tx, "secret id")
        assert found is not None
        assert (found.state, found.relay, found.asked_at) == ("waiting", {}, None)
        assert phone_errands.content(tx, "secret id") == b"text"
        assert phone_errands.find(tx, "other") is None
        assert phone_errands.content(tx, "other") is None


def test_steps_go_forward_and_never_back(uow: UnitOfWork, clock: FixedClock) -> None:
    now = clock.now()
    with uow.write() as tx:
        _add(tx, clock)
        assert phone_errands.fetched(tx, "one", now=now)
        assert phone_errands.fetched(tx, "one", now=now)
        assert _deliver(tx, clock)
        assert not _deliver(tx, clock)
        assert not phone_errands.fetched(tx, "one", now=now)
        assert not phone_errands.refused(tx, "one", "eds_expired", now=now)
        assert phone_errands.spend(tx, "one", browser="another", purpose="login", request_id="", now=now) is None
        assert phone_errands.spend(tx, "one", browser="mine", purpose="document", request_id="", now=now) is None
        assert phone_errands.spend(tx, "one", browser="mine", purpose="login", request_id="r", now=now) is None
        assert phone_errands.spend(tx, "one", browser="mine", purpose="login", request_id="", now=now) == b"sealed"
        assert phone_errands.spend(tx, "one", browser="mine", purpose="login", request_id="", now=now) is None
        found = phone_errands.find(tx, "one")
        assert found is not None
        assert (found.state, found.sealed) == ("spent", None)


def test_a_refusal_is_the_end(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        _add(tx, clock)
        assert phone_errands.refused(tx, "one", "eds_expired", now=clock.now())
        assert not _deliver(tx, clock)
        found = phone_errands.find(tx, "one")
        assert found is not None
        assert found.refusal == "eds_expired"


def test_no_step_is_taken_when_time_is_up(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        _add(tx, clock)
        clock.advance(minutes=3)
        assert not phone_errands.fetched(tx, "one", now=clock.now())
        assert not _deliver(tx, clock)
        assert not phone_errands.refused(tx, "one", "eds_expired", now=clock.now())


def test_where_a_relay_keeps_it_is_remembered(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        _add(tx, clock)
        phone_errands.relayed(tx, "one", {"signature": "https://relay/x"})
        found = phone_errands.find(tx, "one")
        assert found is not None
        assert found.relay == {"signature": "https://relay/x"}


def test_a_relay_is_asked_again_only_after_a_while(uow: UnitOfWork, clock: FixedClock) -> None:
    def may_ask() -> bool:
        return phone_errands.asked(tx, "one", now=clock.now(), every=timedelta(seconds=3))

    with uow.write() as tx:
        _add(tx, clock)
        assert may_ask()
        assert not may_ask()
        clock.advance(seconds=2.9)
        assert not may_ask()
        clock.advance(seconds=0.1)
        assert may_ask()
        clock.advance(seconds=3)
        assert _deliver(tx, clock)
        assert not may_ask()


def test_of_parallel_questions_to_a_relay_one_is_asked(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        _add(tx, clock)

    def may_ask(_number: int) -> bool:
        with uow.write() as tx:
            return phone_errands.asked(tx, "one", now=clock.now(), every=timedelta(seconds=3))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(may_ask, range(24))) == 1
