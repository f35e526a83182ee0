"""Many rows at once, in the way each database takes them fastest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column, Table, insert
from sqlalchemy.exc import IntegrityError

from idp.store.session import Tx

_WORTH_A_COPY = 50


def add_rows(tx: Tx, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts dictionaries with the columns of `table`, a table or a model; all rows have the same keys.

    SQLite likes one prepared statement run again and again. Over PostgreSQL's wire that is a round of messages a row,
    so there the rows go through COPY, several times faster.
    """
    if not rows:
        return
    into: Table = getattr(table, "__table__", table)
    if tx.connection.dialect.name == "postgresql" and len(rows) >= _WORTH_A_COPY:
        _copy(tx, into, rows)
    else:
        tx.connection.execute(insert(into), [dict(row) for row in rows])


def refresh_statistics(tx: Tx, *tables: Any) -> None:
    """Tells PostgreSQL's planner what the tables now hold.

    Until autovacuum comes by it would take a table that just got 200 000 people for an empty one and read all of it for
    every lookup. SQLite needs nothing: its planner trusts a unique index without counting.
    """
    if tx.connection.dialect.name == "postgresql":
        names = ", ".join(f'"{table.__tablename__}"' for table in tables)
        tx.connection.exec_driver_sql(f"ANALYZE {names}")


def _copy(tx: Tx, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """COPY knows no default of the model, so each row is completed here, as INSERT would."""
    import psycopg
    from psycopg import sql
    from psycopg.types.json import Json

    columns = [column for column in table.columns if column.name in rows[0] or column.default is not None]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(",").join(sql.Identifier(column.name) for column in columns)
    )
    is_json = [isinstance(column.type, JSON) for column in columns]
    try:
        with tx.connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                values = [row[c.name] if c.name in row else _default(c) for c in columns]
                copy.write_row([Json(v) if j and v is not None else v for v, j in zip(values, is_json, strict=True)])
    except psycopg.errors.IntegrityError as error:
        raise IntegrityError("COPY", None, error) from error


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    return default.arg(None) if default.is_callable else default.arg
