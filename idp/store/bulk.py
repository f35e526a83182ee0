"""Many rows at once, in the way each database takes them fastest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert

from idp.store.session import Tx


def add_rows(tx: Tx, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts dictionaries with the columns of `table`, a table or a model.

    SQLite likes one prepared statement run again and again. Over PostgreSQL's wire that is a round of messages a row;
    asking for the keys back makes SQLAlchemy send a thousand rows in one statement (five times faster).
    """
    if not rows:
        return
    columns: Table = getattr(table, "__table__", table)
    statement = insert(columns)
    values = [dict(row) for row in rows]
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(statement.returning(*columns.primary_key.columns), values).close()
    else:
        tx.connection.execute(statement, values)
