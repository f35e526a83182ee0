"""New rows that the database may have already, for the match that looks for them; and taking them out of what is new.

Tables and columns are our own constants.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from idp.store.staging import BATCH, Staging, resolved
from idp.store.staging_plan import TERMS

_KNOWN = "NOT EXISTS (SELECT 1 FROM rows_users u WHERE u.sourced_id=r.user AND u.action='added')"
"""Of people who come with this bundle nothing can be there."""


def _pages(staging: Staging, query: str) -> Iterator[list[tuple[Any, ...]]]:
    """By rowid, which comes first, so that rows may be changed meanwhile."""
    paged = f"{query} AND r.rowid > ? ORDER BY r.rowid LIMIT {BATCH}"
    last = 0
    while batch := staging.db.execute(paged, (last,)).fetchall():
        yield batch
        last = batch[-1][0]


def has_new(staging: Staging, kind: str) -> bool:
    return staging.db.execute(f"SELECT 1 FROM rows_{kind} WHERE action='added' LIMIT 1").fetchone() is not None


def known_homerooms(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, our class) that an earlier import of this source made and did not end."""
    return _pages(
        staging,
        "SELECT r.rowid, r.target FROM rows_classes r WHERE r.action IN ('left', 'changed') AND r.kind='homeroom'"
        " AND r.target IS NOT NULL AND NOT r.ended AND NOT r.known_ended",
    )


def renew_classes(staging: Staging, rowids: Iterable[int]) -> None:
    """These are new classes under names that the source used before."""
    staging.db.executemany(
        "UPDATE rows_classes SET target=NULL, action='added' WHERE rowid=?", ((one,) for one in rowids)
    )


def renew_places(staging: Staging) -> None:
    """Places in such classes are new ones too."""
    staging.db.execute(
        "UPDATE rows_enrollments SET target=NULL, action='added' WHERE action IN ('left', 'changed') AND NOT ended"
        " AND target IS NOT NULL AND klass IN (SELECT sourced_id FROM rows_classes WHERE known_digest IS NOT NULL"
        " AND action IN ('added', 'matched'))"
    )


def new_homerooms(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, title, our school, our academic sessions as JSON)."""
    return _pages(
        staging,
        f"SELECT r.rowid, r.title, {resolved('orgs', 'r.org')}, {TERMS} FROM rows_classes r"
        " WHERE r.action='added' AND r.kind='homeroom'",
    )


def new_roles(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, our person, our school, word) of people known before."""
    person, school = resolved("users", "r.user"), resolved("orgs", "r.org")
    return _pages(
        staging, f"SELECT r.rowid, {person}, {school}, r.role FROM rows_roles r WHERE r.action='added' AND {_KNOWN}"
    )


def new_places(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, our person, our class, word, is primary) of people known before."""
    person, klass = resolved("users", "r.user"), resolved("classes", "r.klass")
    return _pages(
        staging,
        f"SELECT r.rowid, {person}, {klass}, r.role, r.is_primary FROM rows_enrollments r"
        f" WHERE r.action='added' AND {_KNOWN}",
    )


def match(staging: Staging, kind: str, targets: Iterable[tuple[str, int]]) -> None:
    """(target, rowid) of new rows that the database has already: they are remembered, and nothing is written."""
    staging.db.executemany(f"UPDATE rows_{kind} SET target=?, action='matched' WHERE rowid=?", targets)


def spoken_for(staging: Staging, kind: str, *, is_whole: bool) -> set[str]:
    """Our ids that open records of this source stand for; with `is_whole` only those whose row is here again."""
    here = f" AND EXISTS (SELECT 1 FROM rows_{kind} r WHERE r.sourced_id=k.sourced_id)" if is_whole else ""
    query = f"SELECT k.target FROM known k WHERE k.kind=? AND NOT k.ended{here}"
    return {str(row[0]) for row in staging.select(query, (kind,))}


def session_years(staging: Staging) -> dict[str, int]:
    """The school year of academic sessions in this bundle, by our id."""
    return dict(staging.select("SELECT target, school_year FROM rows_academicSessions WHERE target IS NOT NULL"))


def keep_matched(staging: Staging) -> None:
    """What one record of the source no longer names goes on while another names it."""
    for kind in ("classes", "roles", "enrollments"):
        staging.db.execute(
            f"DELETE FROM endings WHERE kind='{kind}' AND target IN (SELECT target FROM rows_{kind}"
            " WHERE NOT ended AND target IS NOT NULL)"
        )
