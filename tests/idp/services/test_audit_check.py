"""The chain finds who changes the past: each way of tampering is tried with the database's own lock taken off."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from idp.core.clock import FixedClock
from idp.core.ids import new_id
from idp.jose import compact
from idp.jose.keyring import KeyRing, SigningKey, generate_pem
from idp.services.audit_chain import CHECKPOINT_AFTER, CHECKPOINT_LINKS, START, TYPE, AuditChain, claims, link
from idp.services.audit_check import AuditCheck
from idp.store import audit, audit_chain
from idp.store.bulk import add_rows
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork

ISSUER = "https://id.example"
TABLES = ("audit_events", "audit_links", "audit_checkpoints")


def _ring(kid: str) -> KeyRing:
    return KeyRing([SigningKey.from_pem(kid, "ES256", "active", generate_pem("ES256"))])


class Ground:
    """Seven sealed events and a checkpoint at each third."""

    def __init__(self, uow: UnitOfWork, clock: FixedClock) -> None:
        self.uow, self.clock, self.ring = uow, clock, _ring("our-key")
        self.chain = AuditChain(uow, clock, lambda: self.ring, ISSUER)
        self.check = AuditCheck(uow, clock, lambda: self.ring, ISSUER)
        self.write(3)
        self.chain.seal()
        clock.advance(seconds=CHECKPOINT_AFTER.total_seconds())
        self.write(3)
        self.chain.seal()

    def write(self, number: int, **fields: object) -> None:
        for count in range(number):
            with self.uow.write() as tx:
                audit.record(
                    tx, event="login", now=self.clock.now() + timedelta(seconds=count), person_id=f"p{count}",
                    data={"қала": "Алматы", "n": count} | fields,
                )  # fmt: skip

    def unlock(self) -> None:
        with self.uow.write() as tx:
            for table in TABLES:
                if self.uow.engine.dialect.name == "postgresql":
                    tx.connection.execute(text(f"DROP TRIGGER {table}_only_grows ON {table}"))
                else:
                    tx.connection.execute(text(f"DROP TRIGGER {table}_no_update"))
                    tx.connection.execute(text(f"DROP TRIGGER {table}_no_delete"))

    def run(self, *statements: str, **values: object) -> None:
        with self.uow.write() as tx:
            for statement in statements:
                tx.connection.execute(text(statement), values)

    def kinds(self, *against: str) -> set[str]:
        return {problem.kind for problem in self.check.verify(against).problems}

    def rewrite(self, ring: KeyRing | None = None) -> None:
        """A chain that fits in itself over what the tables hold now; with keys its checkpoints are signed again."""
        with self.uow.read() as tx:
            rows = audit_chain.links(tx, after=0, limit=1000)
            checkpoints = audit_chain.checkpoints(tx, after=0, limit=1000)
        digest, hashes = START, {}
        for number, row in enumerate((row for row in rows if row.event), start=1):
            assert row.event is not None
            digest = link(digest, row.event)
            hashes[number] = (digest.hex(), row.event_id)
        self.run("DELETE FROM audit_links")
        with self.uow.write() as tx:
            audit_chain.add_links(
                tx, [{"seq": seq, "event_id": event, "hash": hashed} for seq, (hashed, event) in hashes.items()]
            )
        if ring is not None:
            self.run("DELETE FROM audit_checkpoints")
            with self.uow.write() as tx:
                before = None
                for old in checkpoints:
                    seq = min(old.seq, len(hashes))
                    said = claims(ISSUER, seq, hashes[seq][0], old.at, before)
                    jws = compact.sign(said, ring.signing("ES256"), typ=TYPE)
                    before = old._replace(seq=seq, hash=hashes[seq][0], jws=jws)
                    audit_chain.add_checkpoint(tx, before)


@pytest.fixture
def ground(uow: UnitOfWork, clock: FixedClock) -> Ground:
    return Ground(uow, clock)


def test_an_untouched_chain_is_whole_and_names_its_tail(ground: Ground) -> None:
    report = ground.check.verify()
    assert (report.problems, report.links, report.checkpoints, report.unsealed) == ([], 7, 2, 0)
    ground.write(2)
    report = ground.check.verify([ground.chain.newest()])
    assert (report.is_whole, report.unsealed, report.unsealed_from) == (True, 2, ground.clock.now())
    ground.clock.advance(hours=2)
    assert ground.kinds() == {"not_chained"}
    assert ground.chain.seal() == 2
    assert ground.kinds() == set()


def test_the_database_itself_refuses_to_change_the_past(ground: Ground) -> None:
    for table, act in itertools.product(TABLES, ("DELETE FROM {}", "UPDATE {} SET hash = 'x'")):
        statement = act.format(table).replace("SET hash", "SET event" if table == "audit_events" else "SET hash")
        with pytest.raises(Exception, match="only grows"):
            ground.run(statement)
    assert ground.kinds() == set()


_SECOND = "id = (SELECT event_id FROM audit_links WHERE seq = 2)"
_EDIT = f"UPDATE audit_events SET event = 'logout' WHERE {_SECOND}"
_DELETE = f"DELETE FROM audit_events WHERE {_SECOND}"
_SWAP = tuple(f"UPDATE audit_links SET seq = {to} WHERE seq = {now}" for now, to in ((2, 100), (3, 2), (100, 3)))
_CUT = (
    "DELETE FROM audit_links WHERE seq > 4",
    "DELETE FROM audit_events WHERE id NOT IN (SELECT event_id FROM audit_links)",
)
_MOVE = "UPDATE audit_checkpoints SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 3"


def _slip_in(ground: Ground) -> None:
    ground.clock.advance(minutes=-30)
    ground.write(1)
    ground.clock.advance(minutes=30)


def _write_again(ground: Ground, ring: KeyRing | None = None) -> None:
    ground.run(_EDIT)
    ground.rewrite(ring)


TAMPERED: dict[str, tuple[Callable[[Ground], None], set[str]]] = {
    "a row is edited": (lambda ground: ground.run(_EDIT), {"changed"}),
    "a row is deleted": (lambda ground: ground.run(_DELETE), {"event_missing"}),
    "its link too": (lambda ground: ground.run(_DELETE, "DELETE FROM audit_links WHERE seq = 2"), {"gap"}),
    "two links are swapped": (lambda ground: ground.run(*_SWAP), {"changed", "checkpoint_differs"}),
    "an old row is slipped in": (_slip_in, {"not_chained"}),
    "the tail is cut": (lambda ground: ground.run(*_CUT), {"cut"}),
    "the chain is written again without the key": (_write_again, {"checkpoint_differs"}),
    "with a key of their own": (lambda ground: _write_again(ground, _ring("foreign")), {"checkpoint_forged"}),
    "a checkpoint is moved": (lambda ground: ground.run(_MOVE), {"checkpoint_forged"}),
    "the first checkpoint is deleted": (
        lambda ground: ground.run("DELETE FROM audit_checkpoints WHERE seq = 3"),
        {"checkpoint_missing"},
    ),
    "all checkpoints are deleted": (lambda ground: ground.run("DELETE FROM audit_checkpoints"), {"checkpoint_missing"}),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found(ground: Ground, how: str) -> None:
    tamper, expected = TAMPERED[how]
    ground.unlock()
    tamper(ground)
    assert ground.kinds() == expected


def test_a_clock_that_was_set_back_is_no_tampering(ground: Ground) -> None:
    """Events of tomorrow are sealed; today's come after them and wait for their link like any other."""
    ground.clock.advance(days=1)
    ground.write(1)
    ground.chain.seal()
    ground.clock.advance(days=-1)
    ground.write(1)
    report = ground.check.verify()
    assert (report.problems, report.unsealed) == ([], 1)
    before = ground.check.verify().checkpoints
    ground.chain.seal()
    report = ground.check.verify()
    assert (report.problems, report.checkpoints) == ([], before + 1), "signed now, not when the clock has caught up"


def test_only_a_kept_checkpoint_finds_who_has_the_keys_too(ground: Ground) -> None:
    kept = ground.chain.newest()
    ground.unlock()
    _write_again(ground, ground.ring)
    assert ground.kinds() == set()
    assert ground.kinds(kept) == {"against"}
    # Without the keys: the whole log anew, no checkpoint, no trace that there ever was one, and patience.
    ground.run(*(f"DELETE FROM {table}" for table in TABLES[1:]), "DELETE FROM audit_events WHERE event = 'audit_key'")
    ground.chain.seal()
    assert ground.kinds() == set()
    assert ground.kinds(kept) == {"against"}


@pytest.mark.parametrize("lost", ["DELETE FROM audit_checkpoints", "DELETE FROM audit_checkpoints WHERE seq = 3", ""])
def test_nothing_is_signed_over_a_forged_chain(ground: Ground, lost: str, caplog: pytest.LogCaptureFixture) -> None:
    """Somebody edits a row, writes the links anew and takes checkpoints away: the sealer signs none of it."""
    ground.unlock()
    _write_again(ground)
    if lost:
        ground.run(lost)
    before = ground.chain.newest()
    ground.clock.advance(hours=1)
    ground.write(1)
    for _ in range(3):
        ground.chain.seal()
    assert ground.chain.newest() == before
    assert ground.kinds() >= {"checkpoint_missing" if lost else "checkpoint_differs"}
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "no audit checkpoint: run idp audit verify"
    ]


def test_a_gap_between_checkpoints_is_one_that_was_taken_out(ground: Ground) -> None:
    rows = [
        {"id": new_id(), "at": ground.clock.now(), "event": "login", "data": {}} for _ in range(CHECKPOINT_LINKS + 50)
    ]
    with ground.uow.write() as tx:
        add_rows(tx, AuditEvent, rows)
    for _ in range(2):
        ground.clock.advance(minutes=6)
        ground.write(1)
        ground.chain.seal()
    report = ground.check.verify()
    assert (report.problems, report.checkpoints) == ([], 4)
    ground.unlock()
    with ground.uow.read() as tx:
        *_, third, last = audit_chain.checkpoints(tx, after=0, limit=10)
    with ground.uow.read() as tx:
        before = audit_chain.checkpoints(tx, after=3, limit=1)[0]
    said = claims(ISSUER, last.seq, last.hash, last.at, before)
    ground.run("DELETE FROM audit_checkpoints WHERE seq IN (:a, :b)", a=third.seq, b=last.seq)
    with ground.uow.write() as tx:
        jws = compact.sign(said, ground.ring.signing("ES256"), typ=TYPE)
        audit_chain.add_checkpoint(tx, last._replace(jws=jws))
    assert ground.kinds() == {"checkpoint_missing"}


def test_checkpoints_outlive_their_keys(ground: Ground) -> None:
    ground.ring = _ring("the-next-key")
    ground.clock.advance(hours=1)
    ground.write(1)
    ground.chain.seal()
    report = ground.check.verify()
    assert (report.problems, report.checkpoints) == ([], 3)
    ground.ring = _ring("after-a-fresh-start")
    assert ground.kinds() == {"checkpoint_forged"}


def test_what_is_no_checkpoint_is_said(ground: Ground) -> None:
    foreign = compact.sign({"iss": ISSUER, "seq": 3, "hash": "x"}, _ring("foreign").signing("ES256"), typ=TYPE)
    assert ground.kinds("not a token") == ground.kinds(foreign) == {"against"}


def test_a_copy_that_is_restored_is_still_whole_and_locked(
    ground: Ground, empty_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from idp.store import backup
    from idp.store.session import open_engine

    file = tmp_path_factory.mktemp("copy") / "copy"
    backup.backup(ground.uow.engine, file)
    other: Engine = open_engine(empty_database_url)
    backup.restore(other, file)
    restored = UnitOfWork(other)
    assert AuditCheck(restored, ground.clock, lambda: ground.ring, ISSUER).verify().is_whole
    with pytest.raises(Exception, match="only grows"), restored.write() as tx:
        tx.connection.execute(text("DELETE FROM audit_events"))
    other.dispose()
