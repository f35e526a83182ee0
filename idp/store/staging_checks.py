"""What only shows when rows are laid side by side: duplicates, references into nothing, roles that contradict.

Each function yields findings, or changes staged rows so that what an operator accepted is what gets applied.
Tables and columns are our own constants.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from idp.store.staging import Staging

_NO_STAFF = "('pupil', 'guardian')"
_SOMEBODY = (
    "(r.user IN (SELECT sourced_id FROM rows_users) OR r.user IN (SELECT sourced_id FROM known WHERE kind='users'))"
)
_KNOWN = " AND NOT EXISTS (SELECT 1 FROM known k WHERE k.kind='{kind}' AND k.sourced_id={id})"


def duplicates(staging: Staging, kind: str) -> Iterator[tuple[int, str]]:
    """(line, id) of every row whose id stood in an earlier row."""
    query = (
        f"SELECT r.line, r.sourced_id FROM rows_{kind} r JOIN (SELECT sourced_id, min(rowid) AS first FROM rows_{kind}"
        " GROUP BY sourced_id HAVING count(*) > 1) d ON d.sourced_id = r.sourced_id WHERE r.rowid > d.first"
        " ORDER BY r.rowid"
    )
    return staging.select(query)


def dangling(staging: Staging, kind: str, field: str, target: str, *, is_whole: bool) -> Iterator[tuple[int, str]]:
    """(line, id) where a row that goes on refers to nothing. `is_whole`: the target file is bulk and must hold it."""
    known = "" if is_whole else _KNOWN.format(kind=target, id=f"r.{field}")
    query = (
        f"SELECT r.line, r.{field} FROM rows_{kind} r WHERE r.{field} <> '' AND NOT r.ended"
        f" AND NOT EXISTS (SELECT 1 FROM rows_{target} x WHERE x.sourced_id=r.{field}){known} ORDER BY r.rowid"
    )
    return staging.select(query)


def dangling_terms(staging: Staging, *, is_whole: bool) -> Iterator[tuple[int, str]]:
    """(line, id) of academic sessions that classes name and nobody defines."""
    known = "" if is_whole else _KNOWN.format(kind="academicSessions", id="j.value")
    query = (
        "SELECT r.line, j.value FROM rows_classes r, json_each(r.terms) j WHERE NOT r.ended AND NOT EXISTS"
        f" (SELECT 1 FROM rows_academicSessions x WHERE x.sourced_id=j.value){known} ORDER BY r.rowid"
    )
    return staging.select(query)


def cycles(staging: Staging, kind: str) -> Iterator[tuple[int, str]]:
    """(line, id) of rows whose chain of parents never reaches a top."""
    query = (
        f"WITH RECURSIVE reached(id) AS (SELECT sourced_id FROM rows_{kind} WHERE parent = '' OR parent NOT IN"
        f" (SELECT sourced_id FROM rows_{kind}) UNION SELECT r.sourced_id FROM rows_{kind} r JOIN reached"
        f" ON r.parent = reached.id) SELECT line, sourced_id FROM rows_{kind} WHERE sourced_id NOT IN reached"
    )
    return staging.select(query)


def same_iin(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, id) of people whose ИИН stood with somebody else before them."""
    query = (
        "SELECT r.line, r.sourced_id FROM rows_users r JOIN (SELECT iin, min(rowid) AS first FROM rows_users"
        " WHERE iin <> '' GROUP BY iin HAVING count(DISTINCT sourced_id) > 1) d ON d.iin = r.iin"
        " WHERE r.iin <> '' AND r.rowid > d.first ORDER BY r.rowid"
    )
    return staging.select(query)


def repeated(staging: Staging, field: str) -> Iterator[tuple[int, str]]:
    """(line, value) of users whose `field` stood with somebody else before them, whatever its letter case."""
    query = (
        f"SELECT r.line, r.{field} FROM rows_users r JOIN (SELECT lower({field}) AS v, min(rowid) AS first"
        f" FROM rows_users WHERE {field} <> '' GROUP BY lower({field}) HAVING count(*) > 1) d ON d.v = lower(r.{field})"
        " WHERE r.rowid > d.first ORDER BY r.rowid"
    )
    return staging.select(query)


def end_with_owner(staging: Staging, kind: str, field: str, target: str) -> Iterator[tuple[int, str]]:
    """Ends rows of `kind` whose owner has ended; yields (line, owner) of those that claimed to go on."""
    where = (
        f"NOT r.ended AND (r.{field} IN (SELECT sourced_id FROM rows_{target} WHERE ended) OR (r.{field} NOT IN"
        f" (SELECT sourced_id FROM rows_{target}) AND r.{field} IN"
        f" (SELECT sourced_id FROM known WHERE kind='{target}' AND ended)))"
    )
    found = staging.db.execute(f"SELECT r.line, r.{field}, r.rowid FROM rows_{kind} r WHERE {where}").fetchall()
    staging.db.executemany(f"UPDATE rows_{kind} SET ended=1 WHERE rowid=?", ((row[2],) for row in found))
    return ((row[0], row[1]) for row in found)


def end_roleless(staging: Staging) -> None:
    """Roles that were unknown, and enrolments in a role we do not use, are read but never applied."""
    for kind in ("roles", "enrollments"):
        staging.db.execute(f"UPDATE rows_{kind} SET ended=1 WHERE role=''")


def collect_holds(staging: Staging, ours: dict[str, str]) -> None:
    """Who holds which of our roles, from the staged rows. `ours` maps OneRoster's words."""
    staging.db.execute("CREATE TEMP TABLE words (word TEXT PRIMARY KEY, role TEXT)")
    staging.db.executemany("INSERT INTO words VALUES (?,?)", ours.items())
    staging.db.execute(
        "INSERT OR IGNORE INTO holds SELECT r.user, w.role FROM rows_roles r JOIN words w ON w.word=r.role"
        " WHERE NOT r.ended"
    )


def people_to_look_up(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (id, target) of known people in enrolments and agent links: their stored roles count as well."""
    return staging.batches(
        "SELECT DISTINCT k.sourced_id, k.target FROM known k WHERE k.kind='users' AND k.sourced_id IN ("
        "SELECT user FROM rows_enrollments UNION SELECT owner FROM rows_agents UNION SELECT other FROM rows_agents)"
    )


def enrolled_as_pupil(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, user) of pupils' enrolments of people who are no pupils."""
    return staging.select(
        "SELECT r.line, r.user FROM rows_enrollments r WHERE NOT r.ended AND r.role='pupil' AND NOT EXISTS"
        f" (SELECT 1 FROM holds h WHERE h.user=r.user AND h.role='pupil') AND {_SOMEBODY} ORDER BY r.rowid"
    )


def enrolled_as_teacher(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, user) of teachers' enrolments of people who are no staff: a pupil would see a teacher's lists."""
    return staging.select(
        "SELECT r.line, r.user FROM rows_enrollments r WHERE NOT r.ended AND r.role='teacher' AND NOT EXISTS"
        f" (SELECT 1 FROM holds h WHERE h.user=r.user AND h.role NOT IN {_NO_STAFF}) AND {_SOMEBODY} ORDER BY r.rowid"
    )


def school_mismatches(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, school) of enrolments whose school is not their class's."""
    return staging.select(
        "SELECT r.line, r.org FROM rows_enrollments r JOIN rows_classes c ON c.sourced_id=r.klass"
        " WHERE NOT r.ended AND r.org <> '' AND r.org <> c.org ORDER BY r.rowid"
    )


def without_role(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, user) of new people nobody gave a role."""
    return staging.select(
        "SELECT r.line, r.sourced_id FROM rows_users r WHERE NOT r.ended AND NOT EXISTS"
        " (SELECT 1 FROM rows_roles x WHERE x.user=r.sourced_id) AND NOT EXISTS"
        " (SELECT 1 FROM known k WHERE k.kind='users' AND k.sourced_id=r.sourced_id) ORDER BY r.rowid"
    )


def settle_agents(staging: Staging, words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Finds child and guardian of each link, from whichever side names the other; yields (line, agent) of the rest.

    `words` are OneRoster's guardian roles; the word becomes the relation.
    """
    side = (
        "UPDATE rows_agents SET child={child}, guardian={guardian} WHERE child IS NULL AND NOT ended"
        " AND EXISTS (SELECT 1 FROM holds h WHERE h.user=rows_agents.{child} AND h.role='pupil')"
        " AND EXISTS (SELECT 1 FROM holds h WHERE h.user=rows_agents.{guardian} AND h.role='guardian')"
    )
    staging.db.execute(side.format(child="owner", guardian="other"))
    staging.db.execute(side.format(child="other", guardian="owner"))
    listed = ",".join(f"'{word}'" for word in words)
    staging.db.execute(
        "UPDATE rows_agents SET relation=COALESCE((SELECT max(x.role) FROM rows_roles x WHERE x.user=guardian"
        f" AND NOT x.ended AND x.role IN ({listed})), 'parent') WHERE relation='' AND child IS NOT NULL"
    )
    staging.db.execute("UPDATE rows_agents SET digest=digest||relation WHERE child IS NOT NULL")
    found = staging.db.execute(
        "SELECT line, other FROM rows_agents WHERE child IS NULL AND NOT ended AND (other IN (SELECT sourced_id FROM"
        " rows_users) OR other IN (SELECT sourced_id FROM known WHERE kind='users')) ORDER BY rowid"
    ).fetchall()
    staging.db.execute("UPDATE rows_agents SET ended=1 WHERE child IS NULL")
    return iter(found)


def child_no_younger(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, guardian) of links whose child was not born after the guardian, where the bundle tells both birthdays: by
    themselves, or by an ИИН. Two under one number are another mistake.
    """
    born = (
        "COALESCE((SELECT NULLIF(d.birth_date, '') FROM rows_demographics d WHERE d.sourced_id=r.{who}),"
        " (SELECT NULLIF(s.born, '') FROM seals s WHERE s.sourced_id=r.{who}))"
    )
    child, guardian = born.format(who="child"), born.format(who="guardian")
    return staging.select(
        f"SELECT r.line, r.guardian FROM rows_agents r WHERE NOT r.ended AND {child} <= {guardian}"
        " AND NOT EXISTS (SELECT 1 FROM rows_users a JOIN rows_users b ON b.iin=a.iin WHERE a.sourced_id=r.child"
        " AND b.sourced_id=r.guardian AND a.iin <> '') GROUP BY r.child, r.guardian ORDER BY r.rowid"
    )


def roots(staging: Staging) -> Iterator[tuple[str]]:
    """Ids of organisations, those without a parent in the bundle first."""
    return staging.select(
        "SELECT r.sourced_id FROM rows_orgs r ORDER BY (r.parent <> '' AND EXISTS"
        " (SELECT 1 FROM rows_orgs p WHERE p.sourced_id=r.parent)), r.rowid"
    )


def organisations(staging: Staging) -> Iterator[tuple[str, str]]:
    """(foreign id, our id) of the organisations of this source, in this bundle or an earlier one."""
    return staging.select(
        "SELECT sourced_id, target FROM known WHERE kind='orgs' UNION SELECT sourced_id, target FROM rows_orgs"
        " WHERE target IS NOT NULL"
    )


def organisation_types(staging: Staging) -> Iterator[tuple[str, str]]:
    """(foreign id, our type) as this bundle has it."""
    return staging.select("SELECT sourced_id, type FROM rows_orgs")


def class_places(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, organisation) of classes that hang on an organisation this bundle does not define."""
    return staging.select(
        "SELECT line, org FROM rows_classes WHERE NOT ended AND org NOT IN (SELECT sourced_id FROM rows_orgs)"
    )


def classes_in_parts(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, organisation) of classes that hang on something other than a school."""
    return staging.select(
        "SELECT c.line, c.org FROM rows_classes c JOIN rows_orgs o ON o.sourced_id=c.org"
        " WHERE NOT c.ended AND NOT o.is_school ORDER BY c.rowid"
    )


def with_iin(staging: Staging) -> Iterator[list[tuple[Any, ...]]]:
    """Batches of (id, line, hash of the ИИН, known person or None)."""
    return staging.batches(
        "SELECT r.sourced_id, r.line, r.iin, k.target FROM rows_users r LEFT JOIN known k ON k.kind='users'"
        " AND k.sourced_id=r.sourced_id WHERE r.iin <> ''"
    )


def aliases(staging: Staging) -> dict[str, str]:
    """By a hash that an ИИН may be stored under, the one it has here; empty unless the key is being rotated."""
    return {str(stored): str(lookup) for lookup, stored in staging.select("SELECT lookup, stored FROM aliases")}


def usernames(staging: Staging) -> Iterator[tuple[int, str]]:
    """(line, username) of everybody who has one."""
    return staging.select("SELECT line, username FROM rows_users WHERE username <> ''")


def usable_usernames(staging: Staging) -> None:
    """Clears what cannot be kept: the row then gets a username of its own."""
    staging.db.execute(
        "UPDATE rows_users SET username='' WHERE rowid IN (SELECT r.rowid FROM rows_users r JOIN"
        " (SELECT lower(username) AS v, min(rowid) AS first FROM rows_users WHERE username <> ''"
        " GROUP BY lower(username) HAVING count(*) > 1) d ON d.v = lower(r.username) WHERE r.rowid > d.first)"
    )
