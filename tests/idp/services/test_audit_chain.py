"""The sealer: everything gets one link, whoever seals and however late it was committed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from idp.core.clock import FixedClock, monotonic
from idp.core.ids import new_id
from idp.core.logs import JsonFormatter
from idp.jose import compact
from idp.jose.keyring import KeyRing, SigningKey, generate_pem
from idp.services.audit_chain import TYPE, AuditChain
from idp.services.audit_check import AuditCheck
from idp.store import audit, audit_chain
from idp.store.bulk import add_rows
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork

_RING = KeyRing([SigningKey.from_pem("our-key", "ES256", "active", generate_pem("ES256"))])
_LEAST_PER_SECOND = 5_000


def _chain(uow: UnitOfWork, clock: FixedClock, ring: Callable[[], KeyRing] = lambda: _RING) -> AuditChain:
    return AuditChain(uow, clock, ring, "https://id.example")


def _add(uow: UnitOfWork, clock: FixedClock, number: int) -> None:
    row = {"at": clock.now(), "event": "login", "data": {"method": "password"}, "person_id": new_id()}
    with uow.write() as tx:
        add_rows(tx, AuditEvent, [row | {"id": new_id()} for _ in range(number)])


def _linked(uow: UnitOfWork) -> list[str]:
    with uow.read() as tx:
        return [row.event_id for row in audit_chain.links(tx, after=0, limit=100_000)]


def test_two_sealers_at_once_link_everything_once(uow: UnitOfWork, clock: FixedClock) -> None:
    _add(uow, clock, 2500)
    chains = [_chain(uow, clock) for _ in range(3)]
    go = threading.Barrier(len(chains))

    def work(chain: AuditChain) -> None:
        go.wait()
        for _ in range(6):
            chain.seal()

    threads = [threading.Thread(target=work, args=(chain,)) for chain in chains]
    began = monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = monotonic() - began
    linked = _linked(uow)
    # The events, and one or (when two signed at once) more that introduce the key.
    assert len(linked) == len(set(linked)) >= 2501
    assert AuditCheck(uow, clock, lambda: _RING, "https://id.example").verify().is_whole
    assert took < 2500 / _LEAST_PER_SECOND * 10


def test_a_late_commit_is_found_in_the_window_and_a_very_late_one_by_the_sweep(
    uow: UnitOfWork, clock: FixedClock
) -> None:
    chain = _chain(uow, clock)
    late = new_id()
    very_late = f"{int(late[:12], 16) - 3_600_000:012x}{late[12:]}"
    _add(uow, clock, 2)
    chain.seal()
    for event_id in (late, very_late):
        row = {"id": event_id, "at": clock.now(), "event": "import", "data": {}}
        with uow.write() as tx:
            tx.connection.execute(insert(AuditEvent), row)
    chain.seal()
    assert late in _linked(uow)
    assert very_late not in _linked(uow)
    clock.advance(minutes=31)
    chain.seal()
    assert very_late in _linked(uow)


def test_a_chain_that_grew_meanwhile_is_left_to_the_next_round(uow: UnitOfWork, clock: FixedClock) -> None:
    chain = _chain(uow, clock)
    _add(uow, clock, 1)
    with uow.read() as tx:
        events = audit_chain.unlinked(tx, after="", limit=10)
    assert chain.seal() == 1
    assert chain._add(events, (0, "")) is False


def test_checkpoints_come_with_time_and_number_and_introduce_their_key_once(
    uow: UnitOfWork, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    chain = _chain(uow, clock)
    assert chain.newest() == ""
    chain.seal()
    assert chain.newest() == ""
    seen = set()
    for minutes in (0, 1, 4, 0):
        clock.advance(minutes=minutes)
        _add(uow, clock, 1)
        chain.seal()
        seen.add(chain.newest())
    assert len(seen) == 2
    # The line in the log is a whole checkpoint, for who keeps the log elsewhere.
    told = [json.loads(JsonFormatter().format(one)) for one in caplog.records if one.message == "audit checkpoint"]
    assert {line["checkpoint"] for line in told} == seen
    assert [compact.read(line["checkpoint"], typ=(TYPE,)).unverified_claims["prev"]["seq"] for line in told] == [0, 1]
    with uow.read() as tx:
        assert audit.happened(tx, "audit_key", since=clock.now().replace(year=2000), kid="our-key")
        rows = audit_chain.links(tx, after=0, limit=100)
    assert [row.event.event for row in rows if row.event].count("audit_key") == 1
