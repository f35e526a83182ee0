"""What the plan of a console's import would do to people and roles, for the gate that looks at it; and taking it out.

Tables and columns are our own constants.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from idp.store.staging import BATCH, Staging, resolved

_PAGED = f"r.rowid > ? ORDER BY r.rowid LIMIT {BATCH}"


def _pages(staging: Staging, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """By rowid, which comes first, so that rows may be changed meanwhile."""
    last = 0
    while batch := staging.db.execute(query, (last,)).fetchall():
        yield batch
        last = batch[-1][0]


def roles(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, line, word, foreign organisation, action, person or None, is implied) of open roles."""
    person = resolved("users", "r.user")
    return _pages(
        staging,
        f"SELECT r.rowid, r.line, r.role, r.org, r.action, {person}, r.owner <> '' FROM rows_roles r"
        f" WHERE NOT r.ended AND {_PAGED}",
    )


def people(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, line, sourced id, family name, action, person) of people known before whose row counts."""
    return _pages(
        staging,
        "SELECT r.rowid, r.line, r.sourced_id, r.family_name, r.action, r.target FROM rows_users r"
        " WHERE (r.action IN ('changed', 'matched') OR EXISTS (SELECT 1 FROM rows_demographics d"
        " WHERE d.sourced_id=r.sourced_id AND d.action IN ('added', 'changed')))"
        f" AND r.action <> 'added' AND r.target IS NOT NULL AND {_PAGED}",
    )


def demographics_alone(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, line, sourced id, person) of birth dates for people who are in no row of this bundle."""
    return _pages(
        staging,
        "SELECT r.rowid, r.line, r.sourced_id, r.target FROM rows_demographics r WHERE r.action IN ('added', 'changed')"
        " AND r.target IS NOT NULL AND NOT EXISTS (SELECT 1 FROM rows_users u WHERE u.sourced_id=r.sourced_id)"
        f" AND {_PAGED}",
    )


def leave(staging: Staging, sourced_ids: Sequence[str]) -> None:
    """These people stay as they are: neither their row nor their birth date is written."""
    keys = [(one,) for one in sourced_ids]
    staging.db.executemany("UPDATE rows_users SET action='left' WHERE sourced_id=? AND action='changed'", keys)
    staging.db.executemany(
        "UPDATE rows_demographics SET action='left' WHERE sourced_id=? AND action IN ('added', 'changed')", keys
    )
