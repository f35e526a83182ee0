"""jobs/retention: expired rows go, living ones stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.jobs import retention
from idp.jobs.retention import Retention
from idp.store import grants, one_time, phone_errands
from idp.store.session import UnitOfWork


def test_everything_due_goes_in_as_many_batches_as_it_takes(
    uow: UnitOfWork, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    with uow.write() as tx:
        for number in range(5):
            grants.revoke_token(tx, str(number), expires_at=clock.now())
        grants.revoke_token(tx, "living", expires_at=clock.now() + timedelta(minutes=5))
        for name, ttl in (("old", 1), ("new", 100)):
            one_time.put(tx, name, purpose="interaction", data={}, now=clock.now(), ttl=timedelta(seconds=ttl))
    clock.advance(seconds=2)
    gone = Retention(uow, clock)()
    assert (gone["revoked_tokens"], gone["one_time_values"], gone["grants"]) == (5, 1, 0)
    assert sum(Retention(uow, clock)().values()) == 0


def test_an_errand_of_a_phone_goes_with_what_it_brought(uow: UnitOfWork, clock: FixedClock) -> None:
    row = {"purpose": "login", "browser": "b", "request_id": None, "document": b"text", "token_hash": "t"}
    with uow.write() as tx:
        for name, seconds in (("old", 1), ("new", 100)):
            ends = clock.now() + timedelta(seconds=seconds)
            phone_errands.add(tx, name, {**row, "created_at": clock.now(), "expires_at": ends})
    clock.advance(seconds=2)
    assert Retention(uow, clock)()["phone_errands"] == 1
    with uow.read() as tx:
        assert phone_errands.find(tx, "new") is not None
