"""Verifies the chain over audit events: finds what was changed, removed, moved or slipped in, and names what waits.

Links and checkpoints are read in step, a page at a time, so that memory does not grow with the log. Whoever can write
the tables can make a chain that fits in itself; they cannot sign its checkpoints, and each of those names the one
before it. Found out only by a checkpoint that was kept elsewhere (`against`) is whoever has the keys too, and whoever
deletes every checkpoint, writes the whole log anew and waits until we sign it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.core.clock import Clock
from idp.jose import compact
from idp.jose.client_keys import verify_with
from idp.jose.errors import BadKey, BadToken, UnknownKey
from idp.jose.keyring import KeyRing
from idp.services.audit_chain import BATCH, CHECKPOINT_LINKS, START, TYPE, WINDOW, claims, link
from idp.store import audit_chain
from idp.store.audit_chain import CheckpointRow, LinkRow
from idp.store.session import UnitOfWork

PAGE = 2000
MOST_LISTED = 100
STALE = timedelta(hours=1)
"""An event that waited longer for its link was passed over, or no worker runs."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` is one of `gap`, `event_missing`, `changed`, `not_chained`, `checkpoint_forged`, `checkpoint_differs`,
    `checkpoint_missing`, `cut`, `against`; `seq` 0 when it has no place."""

    kind: str
    seq: int
    event_id: str
    detail: str


@dataclass(slots=True)
class Report:
    """`late` counts events that are older than others sealed before them: committed late, or put in afterwards."""

    links: int = 0
    checkpoints: int = 0
    sealed_to: datetime | None = None
    unsealed: int = 0
    unsealed_from: datetime | None = None
    unsealed_ids: tuple[str, str] = ("", "")
    late: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.problem_count

    def add(self, kind: str, detail: str, *, seq: int = 0, event_id: str = "") -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_LISTED:
            self.problems.append(Problem(kind, seq, event_id, detail))


class AuditCheck:
    def __init__(self, uow: UnitOfWork, clock: Clock, ring: Callable[[], KeyRing], issuer: str) -> None:
        self._uow = uow
        self._clock = clock
        self._ring = ring
        self._issuer = issuer

    def verify(self, against: Sequence[str] = (), progress: Callable[[int], None] = lambda links: None) -> Report:
        """The whole chain, its checkpoints, and `against`: checkpoints (compact JWS) that were kept elsewhere."""
        walk = _Walk(self._ring(), self._issuer)
        for jws in against:
            walk.keep(jws)
        waiting = self._checkpoints()
        checkpoint = next(waiting, None)
        for row in self._links():
            while checkpoint and checkpoint.seq < row.seq:
                walk.stray(checkpoint)
                checkpoint = next(waiting, None)
            walk.link(row)
            if checkpoint and checkpoint.seq == row.seq:
                walk.checkpoint(checkpoint, row)
                checkpoint = next(waiting, None)
            if row.seq % PAGE == 0:
                progress(walk.report.links)
        while checkpoint:
            walk.stray(checkpoint)
            checkpoint = next(waiting, None)
        with self._uow.read() as tx:
            newest = audit_chain.newest_checkpoint(tx)
        walk.end(newest.seq if newest else 0)
        self._tail(walk.report)
        return walk.report

    def _links(self) -> Iterator[LinkRow]:
        after = -(2**62)
        while True:
            with self._uow.read() as tx:
                rows = audit_chain.links(tx, after=after, limit=PAGE)
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1].seq

    def _checkpoints(self) -> Iterator[CheckpointRow]:
        after = -(2**62)
        while True:
            with self._uow.read() as tx:
                rows = audit_chain.checkpoints(tx, after=after, limit=PAGE)
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1].seq

    def _tail(self, report: Report) -> None:
        """What has no link: the tail that waits for the sealer, and what cannot be part of it."""
        now = self._clock.now()
        # A clock that was set back has sealed events of a time that is still to come: they say nothing about today's.
        sealed_to = min(report.sealed_to, now) if report.sealed_to else None
        after = ""
        while True:
            with self._uow.read() as tx:
                rows = audit_chain.unlinked(tx, after=after, limit=PAGE)
            for row in rows:
                is_old = sealed_to is not None and row.at < sealed_to - WINDOW
                if is_old or row.at < now - STALE:
                    report.add("not_chained", f"{row.event} of {row.at.isoformat()} has no link", event_id=row.id)
                    continue
                report.unsealed += 1
                report.unsealed_from = min(report.unsealed_from or row.at, row.at)
                report.unsealed_ids = (report.unsealed_ids[0] or row.id, row.id)
            if len(rows) < PAGE:
                return
            after = rows[-1].id


class _Walk:
    """One pass along the chain."""

    def __init__(self, ring: KeyRing, issuer: str) -> None:
        self.report = Report()
        self._ring = ring
        self._issuer = issuer
        self._before: bytes | None = START
        self._expected = 1
        self._jwks: dict[str, Any] = {}
        self._unresolved: list[tuple[str, str, int]] = []
        self._kept: dict[int, list[str]] = {}
        self._newest_kid = ""
        self._checkpoint_before: CheckpointRow | None = None

    def link(self, row: LinkRow) -> None:
        report = self.report
        report.links += 1
        if row.seq != self._expected:
            report.add("gap", f"links {self._expected} to {row.seq - 1} are missing", seq=self._expected)
            self._before = None
        if row.event is None:
            report.add("event_missing", "the event of this link is gone", seq=row.seq, event_id=row.event_id)
        elif self._before is not None and link(self._before, row.event).hex() != row.hash:
            report.add(
                "changed", f"{row.event.event}: not the event, or not its place", seq=row.seq, event_id=row.event_id
            )
        else:
            self._learn(row)
        if row.event is not None:
            report.late += report.sealed_to is not None and row.event.at < report.sealed_to - WINDOW
            report.sealed_to = max(report.sealed_to or row.event.at, row.event.at)
        for digest in self._kept.pop(row.seq, ()):
            if digest != row.hash:
                report.add("against", "the kept checkpoint names another hash", seq=row.seq, event_id=row.event_id)
        self._before = _octets(row.hash)
        self._expected = row.seq + 1

    def _learn(self, row: LinkRow) -> None:
        if row.event is not None and row.event.event == "audit_key":
            self._jwks[str(row.event.data.get("kid"))] = row.event.data.get("jwk")

    def checkpoint(self, row: CheckpointRow, at: LinkRow) -> None:
        self.report.checkpoints += 1
        if row.hash != at.hash:
            self.report.add("checkpoint_differs", "it was signed over another hash", seq=row.seq)
        self._signed(row)

    def stray(self, row: CheckpointRow) -> None:
        """A checkpoint without its link; past the end it says that the chain was longer."""
        self.report.checkpoints += 1
        self.report.add("cut", "a checkpoint names a link that is gone", seq=row.seq)
        self._signed(row)

    def _signed(self, row: CheckpointRow) -> None:
        said = self._claims(row.jws)
        self._newest_kid = said.pop("kid", "")
        before, self._checkpoint_before = self._checkpoint_before, row
        expected = claims(self._issuer, row.seq, row.hash, row.at, before)
        if said | {"prev": None} != expected | {"prev": None}:
            self.report.add("checkpoint_forged", "what is signed is not what stands beside it", seq=row.seq)
            return
        self._unresolved_unless_genuine(row.jws, "checkpoint_forged", row.seq)
        if said.get("prev") != expected["prev"]:
            lost = "the first one is" if before is None else "checkpoints before it are"
            self.report.add("checkpoint_missing", f"{lost} gone: it names another one before it", seq=row.seq)
        elif row.seq - expected["prev"]["seq"] > CHECKPOINT_LINKS:
            self.report.add("checkpoint_missing", f"more than {CHECKPOINT_LINKS} links before it", seq=row.seq)

    def keep(self, jws: str) -> None:
        """A checkpoint from elsewhere: its hash must be met on the way."""
        said = self._claims(jws)
        if not isinstance(said.get("seq"), int):
            self.report.add("against", "the kept file holds something that is no checkpoint")
            return
        self._kept.setdefault(said["seq"], []).append(str(said.get("hash")))
        self._unresolved_unless_genuine(jws, "against", said["seq"])

    def _claims(self, jws: str) -> dict[str, Any]:
        try:
            token = compact.read(jws, typ=(TYPE,))
        except BadToken:
            return {}
        return {**token.unverified_claims, "kid": token.kid}

    def _unresolved_unless_genuine(self, jws: str, kind: str, seq: int) -> None:
        """Keys that have left the ring are met in the chain, perhaps only behind what they signed."""
        if not self._is_genuine(jws):
            self._unresolved.append((jws, kind, seq))

    def _is_genuine(self, jws: str) -> bool:
        token = compact.read(jws, typ=(TYPE,))
        ours = self._ring.verifying(token.kid)
        jwk = ours.public_jwk() if ours else self._jwks.get(token.kid)
        try:
            return bool(jwk and verify_with(token, {"keys": [jwk]}, algs=("ES256",)))
        except (BadToken, BadKey, UnknownKey):
            return False

    def end(self, newest_seq: int) -> None:
        """`newest_seq` is of the newest checkpoint as it is now: a sealer may be at work."""
        last = self._expected - 1
        if last > 0 and newest_seq == 0:
            self.report.add("checkpoint_missing", "there is none at all")
        elif last - newest_seq > CHECKPOINT_LINKS + BATCH:
            self.report.add(
                "checkpoint_missing", f"more than {CHECKPOINT_LINKS} links behind the newest", seq=newest_seq
            )
        for seq in sorted(self._kept):
            self.report.add("against", "the chain ends before the kept checkpoint", seq=seq)
        for jws, kind, seq in self._unresolved:
            if not self._is_genuine(jws):
                self.report.add(kind, "signed by no key of this installation", seq=seq)
        # Older keys are vouched for by the chain, and the chain by the newest checkpoint alone.
        if self._newest_kid and self._ring.verifying(self._newest_kid) is None:
            self.report.add("checkpoint_forged", "the newest checkpoint is signed by no key that is in use")


def _octets(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return digest.encode()
