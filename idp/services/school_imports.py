"""Imports of one school in the console: a file is looked at, accepted, applied, and can be taken back.

Between preview and apply the file waits in the database, sealed and for an hour, so that every node can go on with it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id, random_bytes
from idp.core.scope import Scope
from idp.oneroster.codes import ACCEPTABLE
from idp.oneroster.errors import Problem, Problems, Refused
from idp.services import logout
from idp.services import scope as scopes
from idp.services.consent_ends import Ends
from idp.services.import_gate import Gate
from idp.services.rosters import Report, Rosters
from idp.store import audit, feed, import_ledger, organisations, roster_matches
from idp.store.models.org import SCHOOL_TYPES
from idp.store.session import Tx, UnitOfWork

MAX_FILE = 8 * 1024 * 1024
WAITS = timedelta(hours=1)
_SHOWN = 100
_ORDER = ("guardianships", "enrolments", "memberships", "classes", "courses", "academic_sessions", "people")
_FEEDS = {
    "people": "people", "memberships": "memberships", "enrolments": "memberships", "classes": "classes",
    "guardianships": "guardianships", "academic_sessions": "calendar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """All problems of one code. `message` is in the reader's language."""

    code: str
    message: str
    count: int
    is_error: bool
    is_acceptable: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """`report` is None when the file is refused as it stands; `problems` are those that are listed one by one."""

    upload_id: str
    file_name: str
    report: Report | None
    findings: Sequence[Finding]
    problems: Sequence[Problem]
    accepted: frozenset[str]

    @property
    def is_refused(self) -> bool:
        return self.report is None


@dataclass(frozen=True, slots=True)
class Applied:
    """One line of the history. `may_undo` is False for all but the newest that still stands."""

    id: str
    file_name: str
    at: datetime
    by: str
    numbers: Mapping[str, Sequence[int]]
    undone_at: datetime | None
    may_undo: bool


class Imports:
    """`ends` as `Rosters` has it, for a date of birth that goes back."""

    def __init__(
        self, uow: UnitOfWork, clock: Clock, rosters: Rosters, secret: Callable[[str], bytes],
        ends: Ends | None = None,
    ) -> None:  # fmt: skip
        self._uow = uow
        self._clock = clock
        self._rosters = rosters
        self._secret = secret
        self._ends = ends

    def takes_files(self, scope: Scope, school_id: str) -> bool:
        """Only schools; a whole region comes by `idp people import`. Raises NotFound outside the scope."""
        with self._uow.read() as tx:
            row = organisations.one(tx, scope, school_id)
        if row is None:
            raise NotFound("no such organisation")
        return row["type"] in SCHOOL_TYPES

    def keep(self, scope: Scope, actor_id: str, school_id: str, file_name: str, data: bytes) -> str:
        """Returns the id under which the file waits. Raises Invalid (`not_a_bundle`) for what is no roster at all."""
        name = Path(file_name.replace("\\", "/")).name[:120]
        if Path(name).suffix.lower() not in (".xlsx", ".zip") or not data.startswith(b"PK"):
            raise Invalid("neither a ZIP nor an XLSX", code="not_a_bundle")
        if len(data) > MAX_FILE:
            raise Invalid("the file is too large", code="request_too_large")
        if not self.takes_files(scope, school_id):
            raise Invalid("not a school", code="not_a_school")
        upload_id, now = new_id(), self._clock.now()
        nonce = random_bytes(12)
        sealed = nonce + AESGCM(self._secret("credential_seal")).encrypt(nonce, data, upload_id.encode())
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.write() as tx:
            import_ledger.drop_expired(tx, here, now=now)
            import_ledger.keep_upload(tx, here, {
                "id": upload_id, "school_id": school_id, "file_name": name, "sealed": sealed, "uploaded_by": actor_id,
                "expires_at": now + WAITS,
            })  # fmt: skip
            audit.record(
                tx, event="import_uploaded", now=now, actor_id=actor_id, school_id=school_id,
                data={"upload": upload_id, "size": len(data)},
            )  # fmt: skip
        return upload_id

    def preview(
        self, scope: Scope, school_id: str, upload_id: str, *, accept: Sequence[str] = (), language: str = "kk"
    ) -> Preview:
        """What the file would do; nothing is changed. Raises NotFound when the file's hour is over."""
        return self._run(scope, "", school_id, upload_id, accept, language, dry_run=True)

    def apply(
        self, scope: Scope, actor_id: str, school_id: str, upload_id: str, *, accept: Sequence[str] = (),
        language: str = "kk",
    ) -> Preview:  # fmt: skip
        """Does it; the file goes. A file that is refused stays to be looked at. Raises NotFound, Conflict."""
        done = self._run(scope, actor_id, school_id, upload_id, accept, language, dry_run=False)
        if not done.is_refused:
            with self._uow.write() as tx:
                import_ledger.drop_upload(tx, scopes.of_actor(scope.person, scope.role, (school_id,)), upload_id)
        return done

    def drop(self, scope: Scope, school_id: str, upload_id: str) -> None:
        """The file is not wanted; doing it twice does nothing."""
        with self._uow.write() as tx:
            if import_ledger.drop_upload(tx, scopes.of_actor(scope.person, scope.role, (school_id,)), upload_id):
                audit.record(
                    tx, event="import_dropped", now=self._clock.now(), actor_id=scope.person, school_id=school_id,
                    data={"upload": upload_id},
                )  # fmt: skip

    def history(self, scope: Scope, school_id: str) -> list[Applied]:
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.read() as tx:
            rows = import_ledger.listed(tx, here, limit=_SHOWN)
        standing = next((row["id"] for row in rows if row["undone_at"] is None), "")
        return [
            Applied(
                row["id"], row["file_name"], row["applied_at"], row["applied_by"], row["report"].get("kinds", {}),
                row["undone_at"], row["id"] == standing and bool(row["kept"]),
            )
            for row in rows
        ]  # fmt: skip

    def undo(self, scope: Scope, actor_id: str, school_id: str, import_id: str) -> int:
        """Takes the newest import back; returns how many rows that touched. Taking it back twice does nothing.

        Raises NotFound; Conflict `import_not_last`, `import_not_kept` for one whose changes are not known,
        `import_touched` when something newer changed what it brought.
        """
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        now = self._clock.now()
        with self._uow.write() as tx:
            rows = import_ledger.listed(tx, here, limit=_SHOWN)
            found = next((row for row in rows if row["id"] == import_id), None)
            if found is None:
                raise NotFound("no such import")
            if found["undone_at"] is not None:
                return 0
            if next(row["id"] for row in rows if row["undone_at"] is None) != import_id:
                raise Conflict("a newer import stands above it", code="import_not_last")
            if not found["kept"]:
                raise Conflict("what it changed is not known", code="import_not_kept")
            changed = import_ledger.changes(tx, here, import_id)
            ids = [row_id for table in _ORDER for row_id, _ in changed[table]]
            new = {name: [row_id for row_id, before in changed[name] if not before] for name in ("people", "classes")}
            if import_ledger.touched_since(tx, here, ids, after=found["applied_at"]) or import_ledger.later_work(
                tx, here, new["people"], new["classes"], set(ids)
            ):
                raise Conflict("something newer changed what it brought", code="import_touched")
            import_ledger.mark_undone(tx, here, import_id, by=actor_id, now=now)
            self._take_back(tx, here, school_id, changed, now=now)
            audit.record(tx, event="import_undone", now=now, actor_id=actor_id, school_id=school_id,
                         data={"import": import_id, "rows": len(ids)})  # fmt: skip
        return len(ids)

    def _take_back(self, tx: Tx, here: Scope, school_id: str, changed: Mapping[str, Any], *, now: datetime) -> None:
        today = local_date(now)
        all_added: list[str] = []
        all_changed: list[str] = []
        for table in _ORDER:
            added = [row_id for row_id, before in changed[table] if not before]
            before = [(row_id, values) for row_id, values in changed[table] if values]
            was = roster_matches.birth_dates(tx, [row_id for row_id, _ in before]) if table == "people" else {}
            import_ledger.restore(tx, here, table, before)
            self._rebind(tx, was, now)
            ended, closed = import_ledger.take_out(tx, here, table, added, today=today, now=now)
            if closed:
                logout.end_all(tx, closed, now=now, reason="left")
                ended = [(school_id, person) for person in closed]
            if kind := _FEEDS.get(table):
                feed.append(tx, kind, "ended", ended, now=now)
                feed.append(tx, kind, "changed", [(school_id, row_id) for row_id, _ in before], now=now)
            all_added += added
            all_changed += [row_id for row_id, _ in before]
        import_ledger.forget(tx, school_id, all_added, all_changed, now=now)

    def _rebind(self, tx: Tx, was: Mapping[str, date | None], now: datetime) -> None:
        """What hangs on dates of birth that are others now. Links come first in the order, so they are back already."""
        born = roster_matches.birth_dates(tx, list(was))
        for person in sorted(person for person, before in was.items() if born[person] != before):
            if self._ends is not None:
                self._ends.rebound(tx, person, now=now)

    def _run(
        self, scope: Scope, actor_id: str, school_id: str, upload_id: str, accept: Sequence[str], language: str, *,
        dry_run: bool,
    ) -> Preview:  # fmt: skip
        here = scopes.of_actor(scope.person, scope.role, (school_id,))
        with self._uow.read() as tx:
            row = import_ledger.upload(tx, here, upload_id, now=self._clock.now())
        if row is None:
            raise NotFound("no file waits under this id")
        accepted = frozenset(accept) & ACCEPTABLE
        with tempfile.TemporaryDirectory(prefix="bilim-id-import-") as folder:
            # A folder of its own with a name of ours: what the file is called never becomes a path.
            path = Path(folder) / f"roster{Path(row['file_name']).suffix.lower()}"
            path.write_bytes(self._open(row))
            try:
                report = self._rosters.import_path(
                    path, accept=sorted(accepted), school=school_id, dry_run=dry_run, by=actor_id, keeps_changes=True,
                    file_name=row["file_name"], gate=Gate(scope.person, scope.role, school_id),
                )  # fmt: skip
            except Refused as refused:
                return _preview(row, None, refused.problems, accepted, language)
        return _preview(row, report, report.problems, accepted, language)

    def _open(self, row: Mapping[str, Any]) -> bytes:
        sealed = row["sealed"]
        try:
            return AESGCM(self._secret("credential_seal")).decrypt(sealed[:12], sealed[12:], row["id"].encode())
        except InvalidTag:
            raise NotFound("the file cannot be read again") from None


def _preview(
    row: Mapping[str, Any], report: Report | None, problems: Problems, accepted: frozenset[str], language: str
) -> Preview:
    first: dict[str, Problem] = {}
    for problem in problems.items:
        first.setdefault(problem.code, problem)
    counts: Counter[str] = problems.counts
    findings = [
        Finding(
            code, first[code].message(language) if code in first else code, count,
            problems.severity(code) == "error", code in ACCEPTABLE,
        )
        for code, count in counts.most_common()
    ]  # fmt: skip
    findings.sort(key=lambda finding: not finding.is_error)
    return Preview(row["id"], row["file_name"], report, findings, problems.items, accepted)
