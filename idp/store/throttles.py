"""Counts attempts by key in the database, so that every process and machine sees one count."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.models.sessions import Throttle
from idp.store.session import Tx

_table = cast(Table, Throttle.__table__)
_t = _table.c
_now = bindparam("b_now", type_=_t.window_ends_at.type)
_ends = bindparam("b_ends", type_=_t.window_ends_at.type)


def _counting(insert: Any) -> Any:
    """Built once per dialect: every sign-in runs it three times."""
    over = _t.window_ends_at <= _now
    return (
        insert(_table)
        .values(key=bindparam("b_key"), failures=1, window_ends_at=_ends)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": case((over, 1), else_=_t.failures + 1),
                "window_ends_at": case((over, _ends), else_=_t.window_ends_at),
            },
        )
        .returning(_t.failures, _t.window_ends_at)
    )


_COUNT = {"sqlite": _counting(sqlite.insert), "postgresql": _counting(postgresql.insert)}
_FORGIVE = update(_table).where(_t.key == bindparam("b_key"), _t.failures > 0).values(failures=_t.failures - 1)
_CLEAR = delete(_table).where(_t.key == bindparam("b_key"))


def count(tx: Tx, key: str, *, now: datetime, window: timedelta) -> tuple[int, datetime]:
    """Adds one attempt and returns how many this window has, and when it ends. One atomic statement."""
    bound = {"b_key": key, "b_now": now, "b_ends": now + window}
    failures, ends = tx.connection.execute(_COUNT[tx.connection.dialect.name], bound).one()
    return failures, ends


def forgive(tx: Tx, key: str) -> None:
    """Takes one attempt back, because it was no failure."""
    tx.connection.execute(_FORGIVE, {"b_key": key})


def clear(tx: Tx, key: str) -> None:
    tx.connection.execute(_CLEAR, {"b_key": key})


def delete_expired(tx: Tx, *, now: datetime) -> int:
    return tx.connection.execute(delete(_table).where(_t.window_ends_at <= now)).rowcount
