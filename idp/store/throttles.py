"""Counts attempts by key in the database, so that every process and machine sees one count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

from sqlalchemy import Executable, Table, bindparam, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.models.sessions import Throttle
from idp.store.session import Tx

_table = cast(Table, Throttle.__table__)
_t = _table.c
_now = bindparam("b_now", type_=_t.window_ends_at.type)
_ends = bindparam("b_ends", type_=_t.window_ends_at.type)


@lru_cache
def _counting(dialect: str, keys: int) -> Executable:
    """One statement for all keys of an attempt, built once: it runs before every password is looked at."""
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    over = _t.window_ends_at <= _now
    rows = [{"key": bindparam(f"b_key_{number}"), "failures": 1, "window_ends_at": _ends} for number in range(keys)]
    return (
        make(_table)
        .values(rows)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": case((over, 1), else_=_t.failures + 1),
                "window_ends_at": case((over, _ends), else_=_t.window_ends_at),
            },
        )
        .returning(_t.key, _t.failures, _t.window_ends_at)
    )


_FORGIVE = update(_table).where(_t.key == bindparam("b_key"), _t.failures > 0).values(failures=_t.failures - 1)
_CLEAR = delete(_table).where(_t.key == bindparam("b_key"))


def count(tx: Tx, keys: Sequence[str], *, now: datetime, window: timedelta) -> dict[str, tuple[int, datetime]]:
    """Adds one attempt to each of these distinct keys, in their order, in one atomic statement.

    Returns how many each one's window has now, and when it ends.
    """
    bound: dict[str, object] = {f"b_key_{number}": key for number, key in enumerate(keys)}
    bound |= {"b_now": now, "b_ends": now + window}
    rows = tx.connection.execute(_counting(tx.connection.dialect.name, len(keys)), bound)
    return {key: (failures, ends) for key, failures, ends in rows}


def forgive(tx: Tx, key: str) -> None:
    """Takes one attempt back, because it was no failure."""
    tx.connection.execute(_FORGIVE, {"b_key": key})


def clear(tx: Tx, key: str) -> None:
    tx.connection.execute(_CLEAR, {"b_key": key})


def delete_expired(tx: Tx, *, now: datetime) -> int:
    return tx.connection.execute(delete(_table).where(_t.window_ends_at <= now)).rowcount
