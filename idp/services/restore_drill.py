"""Whether a restored copy is good: users, consents, keys and the audit trail are there, keys open, the chain holds.

ISO/IEC 27002:2022, 8.13: copies are tested by restoring them, on another place than where they would be needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from idp.core.errors import Unavailable
from idp.services.audit_check import Report
from idp.services.keys import SECRET_USES
from idp.store import census
from idp.store.session import UnitOfWork

NEEDED = ("people", "credentials", "keys", "audit_events")
"""No installation that serves is without these."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """`counts` are rows by table: (in the copy, in the database today or None). `problems` is empty for a good copy."""

    counts: dict[str, tuple[int, int | None]]
    newest_event: datetime | None
    links: int
    problems: list[str]


def look(
    copy: UnitOfWork, *, check_ready: Callable[[], str], secret: Callable[[str], bytes], verify: Callable[[], Report],
    live: UnitOfWork | None = None,
) -> Drilled:  # fmt: skip
    """Looks at a copy that was restored elsewhere. Changes nothing."""
    trouble = check_ready()
    problems = [f"not fit to serve: {trouble}"] if trouble else []
    with copy.read() as tx:
        found, newest = census.counts(tx), census.newest_event(tx)
    known: dict[str, int] = {}
    if live is not None:
        with live.read() as tx:
            known = census.counts(tx)
    problems += [f"no rows in {table}" for table in NEEDED if not found[table]]
    problems += [f"the secret {use} does not open" for use in SECRET_USES if not _opens(secret, use)]
    report = verify()
    problems += [f"audit trail: {one.kind} at link {one.seq}: {one.detail}" for one in report.problems]
    return Drilled({table: (rows, known.get(table)) for table, rows in found.items()}, newest, report.links, problems)


def _opens(secret: Callable[[str], bytes], use: str) -> bool:
    try:
        return bool(secret(use))
    except Unavailable:
        return False
