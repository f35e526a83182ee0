"""Events are chained within seconds, by one worker of many."""

from __future__ import annotations

from idp.core.clock import FixedClock
from idp.jobs import audit_seal
from idp.jobs.outbox import Outbox
from idp.jobs.schedule import Worker
from idp.jose.keyring import KeyRing, SigningKey, generate_pem
from idp.services.audit_chain import AuditChain
from idp.store import audit, audit_chain
from idp.store.session import UnitOfWork


def test_two_workers_take_turns_at_the_seal(uow: UnitOfWork, clock: FixedClock) -> None:
    ring = KeyRing([SigningKey.from_pem("our-key", "ES256", "active", generate_pem("ES256"))])
    job = audit_seal.job(AuditChain(uow, clock, lambda: ring, "https://id.example"))
    one, other = (Worker(uow, clock, Outbox(uow, clock, {}), [job]) for _ in range(2))
    for worker in (one, other, one):
        with uow.write() as tx:
            audit.record(tx, event="login", now=clock.now())
        worker.once()
        clock.advance(seconds=audit_seal.EVERY.total_seconds())
    with uow.read() as tx:
        assert audit_chain.unlinked(tx, after="", limit=10) == []
        assert audit_chain.head(tx)[0] == 4
