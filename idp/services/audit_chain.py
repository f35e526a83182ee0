"""Seals audit events: each gets a number and a hash over the one before, and from time to time we sign how far we are.

    hash = SHA-256(the hash before ‖ canonical JSON of the event), from 32 zero octets on

Events are written unchained, so that nobody waits for anybody. One that commits late has a smaller id than what is
sealed already: each round looks back over a window, and now and then over everything.

Each checkpoint names the one before it, and none is signed over a chain that does not fit the newest one or has lost
them all. Who controls the database, deletes every checkpoint with the trace of its key, writes the chain anew and waits
for us to sign it, is found only by a checkpoint that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from idp.core.clock import Clock, epoch
from idp.core.ids import new_id
from idp.jose import compact
from idp.jose.keyring import KeyRing, SigningKey
from idp.store import audit, audit_chain
from idp.store.audit_chain import CheckpointRow, EventRow
from idp.store.session import Tx, UnitOfWork

BATCH = 1000
MOST_BATCHES = 50
"""One round ends after so many, to let other jobs run."""
WINDOW = timedelta(minutes=10)
"""How far a round looks back behind what it sealed last."""
SWEEP_EVERY = timedelta(minutes=30)
CHECKPOINT_LINKS = 1000
CHECKPOINT_AFTER = timedelta(minutes=5)
TYPE = "bilim-audit-checkpoint+jwt"
START = bytes(32)
_log = logging.getLogger(__name__)


def canonical(event: EventRow) -> bytes:
    """JSON with sorted names, no blanks, in UTF-8; the moment in UTC with microseconds."""
    fields = event._asdict() | {"at": event.at.astimezone(UTC).isoformat(timespec="microseconds")}
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(before: bytes, event: EventRow) -> bytes:
    return hashlib.sha256(before + canonical(event)).digest()


def claims(issuer: str, seq: int, digest: str, at: datetime, before: CheckpointRow | None) -> dict[str, Any]:
    """What a checkpoint says; `prev` is the one before it, of the first one nothing at 0."""
    prev = {"seq": before.seq, "hash": before.hash} if before else {"seq": 0, "hash": ""}
    return {"iss": issuer, "seq": seq, "hash": digest, "iat": epoch(at), "prev": prev}


class AuditChain:
    """The sealer. Any number may run: the numbers and events of links are unique, so of two rounds one fails whole."""

    def __init__(self, uow: UnitOfWork, clock: Clock, ring: Callable[[], KeyRing], issuer: str) -> None:
        self._uow = uow
        self._clock = clock
        self._ring = ring
        self._issuer = issuer
        self._swept_at: datetime | None = None
        self._known: set[str] = set()
        self._refused = (-1, "")

    def seal(self) -> int:
        """Links what waits and signs a checkpoint when one is due. Returns the number of new links."""
        now = self._clock.now()
        is_sweep = self._swept_at is None or now - self._swept_at >= SWEEP_EVERY
        after, sealed = "" if is_sweep else self._window(), 0
        for _ in range(MOST_BATCHES):
            with self._uow.read() as tx:
                events = audit_chain.unlinked(tx, after=after, limit=BATCH)
                before = audit_chain.head(tx)
            if not events:
                break
            after = events[-1].id
            if not self._add(events, before):
                return sealed
            sealed += len(events)
            if len(events) == BATCH:
                self._checkpoint()
        else:
            is_sweep = False
        if is_sweep:
            self._swept_at = now
        self._checkpoint()
        return sealed

    def _window(self) -> str:
        """The smallest id a round looks at. Ids begin with the milliseconds at which they were made."""
        with self._uow.read() as tx:
            newest = min(audit_chain.newest_linked_id(tx) or new_id(), new_id())
        begin = max(0, int(newest[:12], 16) - int(WINDOW.total_seconds() * 1000))
        return f"{begin:012x}"

    def _add(self, events: list[EventRow], before: tuple[int, str]) -> bool:
        """False when the chain grew meanwhile: the next round finds what is left."""
        seq, last = before
        digest, rows = bytes.fromhex(last) if last else START, []
        for number, event in enumerate(sorted(events, key=lambda one: (one.at, one.id)), start=seq + 1):
            digest = link(digest, event)
            rows.append({"seq": number, "event_id": event.id, "hash": digest.hex()})
        try:
            with self._uow.write() as tx:
                if audit_chain.head(tx) != before:
                    return False
                audit_chain.add_links(tx, rows)
        except IntegrityError:
            return False
        return True

    def _checkpoint(self) -> None:
        """Signs what is due, at most CHECKPOINT_LINKS links at a time, so that a longer gap is always a missing one."""
        while self._sign_next():
            pass

    def _sign_next(self) -> bool:
        now = self._clock.now()
        with self._uow.read() as tx:
            head, _ = audit_chain.head(tx)
            newest = audit_chain.newest_checkpoint(tx)
            before = newest.seq if newest else 0
            grown = head - before
            # A clock that was set back must not put the next one off until it has caught up.
            is_fresh = newest is not None and timedelta(0) <= now - newest.at < CHECKPOINT_AFTER
            if grown <= 0 or (is_fresh and grown < CHECKPOINT_LINKS):
                return False
            wrong = self._wrong(tx, newest)
            seq = min(head, before + CHECKPOINT_LINKS)
            digest = audit_chain.hash_at(tx, seq)
        if wrong or not digest:
            self._refuse(before, wrong or f"link {seq} is missing")
            return False
        key = self._ring().signing("ES256")
        row = CheckpointRow(
            seq, digest, now, compact.sign(claims(self._issuer, seq, digest, now, newest), key, typ=TYPE)
        )
        return self._keep(row, key)

    def _wrong(self, tx: Tx, newest: CheckpointRow | None) -> str:
        """Why nothing may be signed over this chain; empty when it may."""
        if newest is None:
            is_lost = audit.happened(tx, "audit_key", since=_EVER)
            return "there were checkpoints, and they are gone" if is_lost else ""
        is_same = audit_chain.hash_at(tx, newest.seq) == newest.hash
        return "" if is_same else "the newest checkpoint was signed over another chain"

    def _refuse(self, seq: int, why: str) -> None:
        """Each finding once: the job comes round every few seconds."""
        if self._refused != (seq, why):
            self._refused = (seq, why)
            _log.error("no audit checkpoint: run idp audit verify", extra={"seq": seq, "why": why})

    def _keep(self, row: CheckpointRow, key: SigningKey) -> bool:
        """False when somebody else was faster."""
        now = row.at
        try:
            with self._uow.write() as tx:
                audit_chain.add_checkpoint(tx, row)
                if key.kid not in self._known and not audit.happened(tx, "audit_key", since=_EVER, kid=key.kid):
                    audit.record(tx, event="audit_key", now=now, data=_public(key))
        except IntegrityError:
            return False
        self._known.add(key.kid)
        # Signed and public: a collector on another machine that keeps the log keeps the checkpoints.
        _log.info("audit checkpoint", extra={"seq": row.seq, "checkpoint": row.jws})
        return True

    def newest(self) -> str:
        """The newest checkpoint as a compact JWS, to be kept elsewhere; empty without one."""
        with self._uow.read() as tx:
            found = audit_chain.newest_checkpoint(tx)
        return found.jws if found else ""


_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _public(key: SigningKey) -> dict[str, Any]:
    """Kept in the chain, because keys leave the ring a day after they retire and checkpoints stay."""
    return {"kid": key.kid, "jwk": key.public_jwk()}
