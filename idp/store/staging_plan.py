"""Once the rows are sound: which are new, changed, ended or left, which of our ids they are, and what ends with them.

Tables and columns are our own constants.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from idp.core.ids import new_id
from idp.store.staging import BATCH, Staging, resolved


def plan(staging: Staging, kind: str) -> None:
    """Sets `target` of what is known, and `action` of every row: added, changed, ended or left."""
    staging.db.execute(
        f"UPDATE rows_{kind} SET target=k.target, known_digest=k.digest, known_ended=k.ended"
        f" FROM known k WHERE k.kind='{kind}' AND k.sourced_id=rows_{kind}.sourced_id"
    )
    staging.db.execute(
        f"UPDATE rows_{kind} SET action=CASE WHEN ended AND target IS NOT NULL AND NOT known_ended THEN 'ended'"
        " WHEN ended THEN 'left' WHEN target IS NULL THEN 'added'"
        " WHEN known_ended OR known_digest<>digest THEN 'changed' ELSE 'left' END"
    )
    staging.db.execute(
        f"INSERT OR IGNORE INTO endings SELECT '{kind}', target, sourced_id FROM rows_{kind} WHERE action='ended'"
    )


def new_rows(staging: Staging, kind: str, columns: str = "r.rowid") -> Iterator[list[tuple[Any, ...]]]:
    """Batches of rows planned as added; `columns` begins with the rowid. `assign` may write meanwhile."""
    query = (
        f"SELECT {columns} FROM rows_{kind} r LEFT JOIN seals s ON s.sourced_id=r.sourced_id"
        " LEFT JOIN matches m ON m.sourced_id=r.sourced_id"
        f" WHERE r.rowid > ? AND r.action='added' ORDER BY r.rowid LIMIT {BATCH}"
    )
    last = 0
    while batch := staging.db.execute(query, (last,)).fetchall():
        yield batch
        last = batch[-1][0]


def assign(staging: Staging, kind: str, targets: Iterable[tuple[str, int]]) -> None:
    """(target, rowid)."""
    staging.db.executemany(f"UPDATE rows_{kind} SET target=? WHERE rowid=?", targets)


def assign_people(staging: Staging, rows: Iterable[tuple[str, str, str, int]]) -> None:
    """(person, action, username, rowid)."""
    staging.db.executemany("UPDATE rows_users SET target=?, action=?, username=? WHERE rowid=?", rows)


def assign_demographics(staging: Staging) -> None:
    """They are the person's own, so they share the person's id."""
    person = resolved("users", "rows_demographics.sourced_id")
    staging.db.execute(f"UPDATE rows_demographics SET target={person} WHERE action='added'")


def reserve_usernames(staging: Staging, usernames: Sequence[str]) -> None:
    staging.db.executemany("INSERT OR IGNORE INTO usernames VALUES (?)", ((name,) for name in usernames))


def reserved_usernames(staging: Staging, usernames: Sequence[str]) -> set[str]:
    """Those of the given usernames that this run handed out already."""
    found: set[str] = set()
    for start in range(0, len(usernames), 500):
        group = usernames[start : start + 500]
        marks = ",".join("?" * len(group))
        query = f"SELECT username FROM usernames WHERE username IN ({marks})"
        found.update(str(row[0]) for row in staging.db.execute(query, group))
    return found


_SCHOOL = (
    "(SELECT {org} FROM rows_roles x WHERE x.user={user} AND NOT x.ended ORDER BY x.is_primary DESC, x.rowid LIMIT 1)"
)


def school_of(user: str) -> str:
    """SQL for our id of the school that the user in column `user` belongs to first, by this bundle."""
    return _SCHOOL.format(org=resolved("orgs", "x.org"), user=user)


TERMS = f"(SELECT json_group_array({resolved('academicSessions', 'j.value')}) FROM json_each(r.terms) j)"
"""SQL for a class's academic sessions, as our ids."""
SEALED = "(SELECT s.sealed FROM seals s WHERE s.sourced_id=r.sourced_id)"
"""SQL for a user's sealed ИИН."""
BIRTH = (
    "(SELECT d.birth_date FROM rows_demographics d WHERE d.sourced_id=r.sourced_id AND NOT d.ended),"
    " (SELECT d.sex FROM rows_demographics d WHERE d.sourced_id=r.sourced_id AND NOT d.ended)"
)
"""SQL for birth date and sex of a user in this bundle."""
IS_NEW = "(SELECT u.action='added' FROM rows_users u WHERE u.sourced_id=r.sourced_id)"
"""SQL telling whether a demographics row is of a person this bundle adds."""
GRADE = "(SELECT u.grade FROM rows_users u WHERE u.sourced_id=r.user)"
"""SQL for the grade of the user a role belongs to."""
CLASS = (
    "(SELECT c.kind FROM rows_classes c WHERE c.sourced_id=r.klass),"
    f" (SELECT {resolved('orgs', 'c.org')} FROM rows_classes c WHERE c.sourced_id=r.klass)"
)
"""SQL for kind and school of an enrolment's class, when this bundle has the class."""


def make_pairs(staging: Staging) -> None:
    """One row for each child and guardian among links to add or change, whichever side named the other."""
    staging.db.execute(
        f"INSERT OR IGNORE INTO pairs SELECT {resolved('users', 'r.child')}, {resolved('users', 'r.guardian')},"
        f" r.relation, {school_of('r.child')}, NULL, NULL FROM rows_agents r WHERE r.action IN ('added', 'changed')"
    )


def open_pairs(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (rowid, child, guardian, school) whose row is not settled yet."""
    query = (
        "SELECT rowid, child, guardian, school FROM pairs WHERE action IS NULL AND rowid > ? ORDER BY rowid"
        f" LIMIT {BATCH}"
    )
    last = 0
    while batch := staging.db.execute(query, (last,)).fetchall():
        yield batch
        last = batch[-1][0]


def settle_pairs(staging: Staging, rows: Iterable[tuple[str, str, str, int]]) -> None:
    """(target, `new`, `reopened` or `blocked`, school, rowid)."""
    staging.db.executemany("UPDATE pairs SET target=?, action=?, school=? WHERE rowid=?", rows)


def assign_agents(staging: Staging) -> None:
    """Links take the id of their pair."""
    child, guardian = resolved("users", "rows_agents.child"), resolved("users", "rows_agents.guardian")
    staging.db.execute(
        f"UPDATE rows_agents SET target=(SELECT p.target FROM pairs p WHERE p.child={child} AND p.guardian={guardian})"
        " WHERE action IN ('added', 'changed')"
    )


def renew(staging: Staging, kind: str, targets: Sequence[str]) -> dict[str, str]:
    """Gives rows another id of ours, because the old row must end; returns new ids by old ones."""
    fresh = {target: new_id() for target in targets}
    staging.db.executemany(
        f"UPDATE rows_{kind} SET target=? WHERE target=? AND action='changed'",
        ((new, old) for old, new in fresh.items()),
    )
    return fresh


def pairs(staging: Staging, action: str) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (target, child, guardian, relation, school)."""
    return staging.batches("SELECT target, child, guardian, relation, school FROM pairs WHERE action=?", (action,))


def tally(staging: Staging, kind: str) -> dict[str, int]:
    """Rows by action."""
    return dict(staging.db.execute(f"SELECT action, count(*) FROM rows_{kind} GROUP BY action").fetchall())


def rows(
    staging: Staging, kind: str, action: str, resolve: Mapping[str, str], extra: str = "NULL"
) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (target, the record's fields after `ended` …, extra); `resolve` names fields that hold foreign ids.

    Those come out as our ids, or None when they lead nowhere.
    """
    fields = staging.fields[kind][3:]
    columns = [resolved(resolve[f], f"r.{f}") if f in resolve else f"r.{f}" for f in fields]
    query = f"SELECT r.target, {', '.join(columns)}, {extra} FROM rows_{kind} r WHERE r.action=?"
    return staging.batches(query, (action,))


def to_remember(staging: Staging, kind: str) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (action, sourced_id, target, digest) for roster_records."""
    return staging.batches(
        f"SELECT CASE WHEN known_digest IS NULL THEN 'added' ELSE 'changed' END, sourced_id, target, digest"
        f" FROM rows_{kind} WHERE action IN ('added', 'changed', 'matched') AND target IS NOT NULL"
    )


def seals(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (person, hash, sealed ИИН) for people who were known before and whose row changed."""
    return staging.batches(
        "SELECT r.target, r.iin, s.sealed FROM rows_users r JOIN seals s ON s.sourced_id=r.sourced_id"
        " WHERE r.action='changed' AND s.person_id=r.target"
    )


def absent(staging: Staging, kind: str) -> Iterator[tuple[str, str]]:
    """(id, target) of open records of an earlier import that a bulk file no longer has."""
    return staging.select(
        f"SELECT k.sourced_id, k.target FROM known k WHERE k.kind='{kind}' AND NOT k.ended AND NOT EXISTS"
        f" (SELECT 1 FROM rows_{kind} r WHERE r.sourced_id=k.sourced_id)"
    )


def end_implied(staging: Staging, kind: str) -> int:
    """Ends what a user's row implied before and no longer implies; returns how many.

    An implied id is the owner's, a separator (U+001F) and the rest.
    """
    return staging.execute(
        f"INSERT OR IGNORE INTO endings SELECT k.kind, k.target, k.sourced_id FROM known k WHERE k.kind='{kind}'"
        " AND NOT k.ended AND instr(k.sourced_id, char(31)) > 0 AND substr(k.sourced_id, 1,"
        " instr(k.sourced_id, char(31)) - 1) IN (SELECT sourced_id FROM rows_users)"
        f" AND NOT EXISTS (SELECT 1 FROM rows_{kind} r WHERE r.sourced_id=k.sourced_id)"
    )


def keep_linked(staging: Staging) -> None:
    """A guardianship named from both sides goes on while one side still names it."""
    staging.db.execute(
        "DELETE FROM endings WHERE kind='agents' AND (target IN (SELECT target FROM rows_agents WHERE NOT ended"
        " AND target IS NOT NULL) OR EXISTS (SELECT 1 FROM known k WHERE k.kind='agents' AND k.target=endings.target"
        " AND NOT k.ended AND k.sourced_id <> endings.sourced_id AND NOT EXISTS (SELECT 1 FROM rows_agents r"
        " WHERE r.sourced_id=k.sourced_id) AND substr(k.sourced_id, 1, instr(k.sourced_id, char(31)) - 1) NOT IN"
        " (SELECT sourced_id FROM rows_users)))"
    )


def endings(staging: Staging, kind: str) -> Iterator[Sequence[str]]:
    """Batches of our ids that this import ends."""
    for batch in staging.batches("SELECT target FROM endings WHERE kind=?", (kind,)):
        yield [row[0] for row in batch]


def count_endings(staging: Staging, kind: str) -> int:
    return int(staging.db.execute("SELECT count(*) FROM endings WHERE kind=?", (kind,)).fetchone()[0])
