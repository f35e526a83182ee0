"""store/audit: the trace stands or falls with the fact."""

from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.core.context import request_id
from idp.store import audit
from idp.store.session import UnitOfWork


def test_an_event_carries_the_request_and_its_people(uow: UnitOfWork, clock: FixedClock) -> None:
    token = request_id.set("r-1")
    with uow.write() as tx:
        audit.record(tx, event="login", now=clock.now(), person_id="p1", data={"method": "password"})
        audit.record(tx, event="ended", now=clock.now(), actor_id="p2", person_id="p1")
    request_id.reset(token)
    with uow.read() as tx:
        found = {event.event: event for event in audit.of_person(tx, "p1")}
    assert found["login"].request_id == "r-1"
    assert found["login"].actor_id == "p1"
    assert found["ended"].actor_id == "p2"


def test_what_is_rolled_back_leaves_no_trace(uow: UnitOfWork, clock: FixedClock) -> None:
    with pytest.raises(RuntimeError), uow.write() as tx:
        audit.record(tx, event="login", now=clock.now(), person_id="p1")
        raise RuntimeError
    with uow.read() as tx:
        assert audit.of_person(tx, "p1") == []


def test_the_newest_come_first_and_no_more_than_asked(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        for number in range(5):
            clock.advance(minutes=1)
            audit.record(tx, event=f"e{number}", now=clock.now(), person_id="p1")
    with uow.read() as tx:
        assert [event.event for event in audit.of_person(tx, "p1", limit=2)] == ["e4", "e3"]


def test_a_trace_is_found_by_its_ids_and_words(uow: UnitOfWork, clock: FixedClock) -> None:
    now = clock.now()
    with uow.write() as tx:
        for what in ("facts", "cards"):
            audit.record(tx, event="person_viewed", now=now, actor_id="a", person_id="p", data={"what": what})
        assert audit.happened(tx, "person_viewed", since=now, actor_id="a", person_id="p", what="cards")
        assert not audit.happened(tx, "person_viewed", since=now, actor_id="a", what="guardians")
        assert not audit.happened(tx, "person_viewed", since=now, actor_id="b")
        assert audit.number_since(tx, "person_viewed", actor_id="a", since=now - timedelta(hours=1), most=5) == 2
        assert audit.number_since(tx, "person_viewed", actor_id="a", since=now - timedelta(hours=1), most=1) == 1
