"""What an import changes, written down while it does so, so that it can be taken back."""

from __future__ import annotations

from collections.abc import Iterable

from idp.core.scope import Scope
from idp.store import import_ledger
from idp.store.session import Tx

_TABLE = {
    "academicSessions": "academic_sessions", "courses": "courses", "classes": "classes", "users": "people",
    "demographics": "people", "roles": "memberships", "enrollments": "enrolments", "agents": "guardianships",
}  # fmt: skip


class Ledger:
    """Of one import within its transaction. A row is remembered once: as it was before the first change."""

    def __init__(self, tx: Tx, scope: Scope, import_id: str) -> None:
        self._tx = tx
        self._scope = scope
        self._import_id = import_id
        self._seen: set[tuple[str, str]] = set()

    def added(self, kind: str, ids: Iterable[str]) -> None:
        if fresh := self._fresh(kind, ids):
            import_ledger.remember_added(self._tx, self._import_id, _TABLE[kind], fresh)

    def changing(self, kind: str, ids: Iterable[str]) -> None:
        """To be called before the rows change. Organisations are not kept: a school's import brings none."""
        if kind in _TABLE and (fresh := self._fresh(kind, ids)):
            import_ledger.remember_before(self._tx, self._scope, self._import_id, _TABLE[kind], fresh)

    def changing_grades(self, people: Iterable[str]) -> None:
        """The memberships of pupils whose row in users changes."""
        self.changing("roles", import_ledger.pupil_memberships(self._tx, self._scope, list(people)))

    def _fresh(self, kind: str, ids: Iterable[str]) -> list[str]:
        table = _TABLE.get(kind, "")
        fresh = [one for one in dict.fromkeys(ids) if (table, one) not in self._seen]
        self._seen.update((table, one) for one in fresh)
        return fresh


class NoLedger(Ledger):
    """For imports that nobody takes back: a region on the command line."""

    def __init__(self) -> None:
        """Nothing is kept."""

    def added(self, kind: str, ids: Iterable[str]) -> None:
        """Nothing is kept."""

    def changing(self, kind: str, ids: Iterable[str]) -> None:
        """Nothing is kept."""

    def changing_grades(self, people: Iterable[str]) -> None:
        """Nothing is kept."""
