"""The change feed: every change of people, memberships, classes, guardianships, consents, cards and the calendar, in
order, for all readers alike.

Numbers of a sequence are given out before transactions commit. So on PostgreSQL a reader goes by (transaction,
sequence) and stops before the oldest transaction that still runs: what it has not read yet can only lie behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, Text, and_, cast, column, func, literal, or_, select, table

from idp.core.scope import Scope
from idp.store.bulk import add_rows
from idp.store.models.audit import Change
from idp.store.session import Tx

KINDS = ("people", "memberships", "classes", "guardianships", "consents", "cards", "calendar")
WHOLE_COUNTRY = ""
"""What changes carry as school that are every school's: days of the national calendar."""


_RESTORED = "restored"
"""No kind of records: says that the database was put back to an older state at that moment."""
_LAST_GIVEN: Select[int] = (
    select(column("seq")).select_from(table("sqlite_sequence")).where(column("name") == Change.__tablename__)
)
"""SQLite: the last number it gave, also when retention has emptied the log."""


class Position(NamedTuple):
    """A place in the log: everything up to and with it has been read. `xid` is 0 on SQLite."""

    xid: int
    seq: int


class Entry(NamedTuple):
    """One change, by the id of the record it is about."""

    kind: str
    record_id: str
    at: Position


def append(tx: Tx, kind: str, action: str, records: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Adds (school_id, record_id) pairs under one kind and action, in the caller's transaction."""
    rows = [
        {"kind": kind, "action": action, "school_id": school_id, "record_id": record_id, "at": now}
        for school_id, record_id in records
    ]
    add_rows(tx, Change, rows)


def mark_restored(tx: Tx, *, now: datetime) -> None:
    """After a copy was put in place of the database: what readers were told since it was made is not in this log."""
    append(tx, _RESTORED, "changed", [(WHOLE_COUNTRY, "")], now=now)


def was_restored(tx: Tx, *, since: datetime) -> bool:
    """Whether the database was put back to an older state at that moment or later."""
    query = select(Change.seq).where(
        Change.school_id == WHOLE_COUNTRY, Change.kind == _RESTORED, Change.at >= since
    ).limit(1)  # fmt: skip
    return tx.connection.execute(query).first() is not None


def _oldest_running() -> Any:
    """PostgreSQL: transactions below this number have ended, one way or the other."""
    return cast(cast(func.pg_snapshot_xmin(func.pg_current_snapshot()), Text), BigInteger)


def end(tx: Tx) -> Position:
    """Where the log stands: who reads every table from now on has missed nothing that lies before it."""
    if tx.connection.dialect.name == "postgresql":
        return Position(tx.connection.execute(select(_oldest_running())).scalar_one(), 0)
    return Position(0, tx.connection.execute(_LAST_GIVEN).scalar() or 0)


def after(tx: Tx, scope: Scope, kinds: Sequence[str], position: Position, *, limit: int) -> list[Entry]:
    """The next changes of these kinds at the scope's schools, in the order of the log."""
    is_postgres = tx.connection.dialect.name == "postgresql"
    later = or_(Change.xid > position.xid, and_(Change.xid == position.xid, Change.seq > position.seq))
    query = (
        select(Change.kind, Change.record_id, Change.xid, Change.seq)
        .where(Change.school_id.in_((*scope.schools, WHOLE_COUNTRY)), Change.kind.in_(kinds), later)
        .where(Change.xid < _oldest_running() if is_postgres else literal(value=True))
        .order_by(Change.xid, Change.seq)
        .limit(limit)
    )
    return [Entry(row[0], row[1], Position(row[2], row[3])) for row in tx.connection.execute(query)]
