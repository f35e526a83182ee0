"""The import's scratch table: a bundle, and what an earlier one left, compared on disk instead of in memory.

It is a private SQLite database without a name: the file is unlinked as soon as it is made, so it never outlives the
process and nobody else can open it. Names of tables and columns come from our own constants, never from a bundle.

    rows_<kind>  one staged record a row, with `target` (our id) and `action` once planned
    known        roster_records of this source          holds    roles people hold, staged or stored
    seals        sealed ИИН and the person they are for  matches  new records of people we know by ИИН
    aliases      other hashes of an ИИН, while the key is rotated
    pairs        child and guardian, as our ids          endings  rows of ours that this import ends
"""
# ruff: noqa: S608

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

BATCH = 5000
_EXTRA = "digest TEXT, target TEXT, action TEXT, known_digest TEXT, known_ended INTEGER"
_CACHE_KIB = 24_000


class Staging:
    """Open for one import; `close` removes it."""

    def __init__(self, kinds: Mapping[str, Sequence[str]]) -> None:
        """`kinds` maps each kind to its field names, of which the first is `sourced_id`."""
        self.fields = {kind: tuple(fields) for kind, fields in kinds.items()}
        self.db = sqlite3.connect("", isolation_level=None)
        for pragma in (f"cache_size=-{_CACHE_KIB}", "journal_mode=OFF", "synchronous=OFF", "temp_store=FILE"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.execute("BEGIN")
        for kind, fields in self.fields.items():
            extra = _EXTRA + (", child TEXT, guardian TEXT" if kind == "agents" else "")
            self.db.execute(f"CREATE TABLE rows_{kind} ({', '.join(fields)}, {extra})")
        for table in (
            "known (kind TEXT, sourced_id TEXT, target TEXT, digest TEXT, ended INTEGER,"
            " PRIMARY KEY (kind, sourced_id)) WITHOUT ROWID",
            "holds (user TEXT, role TEXT, PRIMARY KEY (user, role)) WITHOUT ROWID",
            "seals (sourced_id TEXT PRIMARY KEY, person_id TEXT, sealed BLOB, born TEXT) WITHOUT ROWID",
            "aliases (lookup TEXT, stored TEXT, PRIMARY KEY (lookup, stored)) WITHOUT ROWID",
            "endings (kind TEXT, target TEXT, sourced_id TEXT, PRIMARY KEY (kind, target)) WITHOUT ROWID",
            "matches (sourced_id TEXT PRIMARY KEY, person TEXT) WITHOUT ROWID",
            "pairs (child TEXT, guardian TEXT, relation TEXT, school TEXT, target TEXT, action TEXT,"
            " PRIMARY KEY (child, guardian))",
            "usernames (username TEXT PRIMARY KEY) WITHOUT ROWID",
        ):
            self.db.execute(f"CREATE TABLE {table}")

    def close(self) -> None:
        self.db.close()

    def add(self, kind: str, rows: Iterable[Sequence[Any]]) -> None:
        """Rows are a record's fields followed by its digest."""
        marks = ",".join("?" * (len(self.fields[kind]) + 1))
        self.db.executemany(f"INSERT INTO rows_{kind} ({', '.join(self.fields[kind])}, digest) VALUES ({marks})", rows)

    def add_known(self, rows: Iterable[Sequence[Any]]) -> None:
        """(kind, sourced_id, target, digest, ended)."""
        self.db.executemany("INSERT OR REPLACE INTO known VALUES (?,?,?,?,?)", rows)

    def add_seal(self, sourced_id: str, person_id: str, sealed: bytes, born: str = "") -> None:
        """`born` is the day that the number tells, as ISO text."""
        self.db.execute("INSERT OR REPLACE INTO seals VALUES (?,?,?,?)", (sourced_id, person_id, sealed, born))

    def add_aliases(self, lookup: str, stored: Iterable[str]) -> None:
        """Further hashes under which an ИИН with this hash may be stored, while the key is being rotated."""
        self.db.executemany("INSERT OR IGNORE INTO aliases VALUES (?,?)", ((lookup, other) for other in stored))

    def add_holds(self, rows: Iterable[tuple[str, str]]) -> None:
        self.db.executemany("INSERT OR IGNORE INTO holds VALUES (?,?)", rows)

    def add_endings(self, kind: str, rows: Iterable[tuple[str, str]]) -> int:
        """(target, sourced_id or empty); returns how many were not ending already."""
        values = [(kind, target, sourced_id) for target, sourced_id in rows]
        return self.db.executemany("INSERT OR IGNORE INTO endings VALUES (?,?,?)", values).rowcount

    def add_match(self, sourced_id: str, person: str) -> None:
        """This new record is somebody the database knows by ИИН."""
        self.db.execute("INSERT OR REPLACE INTO matches VALUES (?,?)", (sourced_id, person))

    def known_target(self, kind: str, sourced_id: str) -> str | None:
        query = "SELECT target FROM known WHERE kind=? AND sourced_id=?"
        row = self.db.execute(query, (kind, sourced_id)).fetchone()
        return None if row is None else str(row[0])

    def index(self) -> None:
        """After loading: sorted once, which is cheaper than keeping an index while rows arrive."""
        for kind in self.fields:
            self.db.execute(f"CREATE INDEX i_{kind} ON rows_{kind} (sourced_id)")
        self.db.execute("CREATE INDEX i_roles_user ON rows_roles (user)")
        self.db.execute("CREATE INDEX i_users_iin ON rows_users (iin) WHERE iin <> ''")
        self.db.execute("ANALYZE")

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Runs one of `staging_checks`' statements; returns the number of rows it touched."""
        return self.db.execute(statement, parameters).rowcount

    def select(self, query: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Streams rows."""
        cursor = self.db.execute(query, parameters)
        while batch := cursor.fetchmany(BATCH):
            yield from batch

    def batches(self, query: str, parameters: Sequence[Any] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Streams rows a batch at a time."""
        cursor = self.db.execute(query, parameters)
        while batch := cursor.fetchmany(BATCH):
            yield batch

    def count(self, kind: str) -> int:
        return int(self.db.execute(f"SELECT count(*) FROM rows_{kind}").fetchone()[0])


def resolved(kind: str, expression: str) -> str:
    """SQL for our id behind a source's id: from this bundle first, else from an earlier one."""
    return (
        f"COALESCE((SELECT x.target FROM rows_{kind} x WHERE x.sourced_id={expression}),"
        f" (SELECT k.target FROM known k WHERE k.kind='{kind}' AND k.sourced_id={expression}))"
    )
