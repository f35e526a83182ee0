"""INSERT that copes with a row already there, on both databases (their dialects spell it alike)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.session import Tx


def insert_if_new(tx: Tx, table: Table, row: dict[str, Any]) -> bool:
    """False when a row with the same key was there, which stays as it is."""
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(row).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.connection.execute(statement).first() is not None


def insert_or_update(tx: Tx, table: Table, row: dict[str, Any], *, key: Sequence[str], keep: Sequence[str]) -> None:
    """Updates every column but `key` and `keep` of the row with the same `key`."""
    insert = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    changed = {name: value for name, value in row.items() if name not in (*key, *keep)}
    tx.connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=list(key), set_=changed))
