"""Backup and restore of what a client keeps, the same file for SQLite and PostgreSQL: gzipped JSON lines.

Sessions, logins under way and seen logout tokens stay out: they live for hours, and a backup should hold no token.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, insert, select

from clients.kit.db import Database, UtcDateTime
from idp.core.errors import Invalid

_FORMAT = "bilim-client-backup-1"
_BATCH = 1000


def back_up(database: Database, app: str, tables: Sequence[Table], file: Path) -> dict[str, int]:
    """Writes one consistent state and returns the rows of each table. The file is readable by its owner only."""
    header = {"format": _FORMAT, "app": app, "versions": database.versions()}
    counts: dict[str, int] = {}
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, gzip.open(raw, "wt", encoding="utf-8") as out:
        out.write(json.dumps(header) + "\n")
        engine = database.engine
        if engine.dialect.name == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            for table in tables:
                counts[table.name] = 0
                for row in connection.execute(select(table)).mappings():
                    values = {key: _plain(value) for key, value in row.items()}
                    out.write(json.dumps({"table": table.name, "row": values}, ensure_ascii=False) + "\n")
                    counts[table.name] += 1
    return counts


def restore(database: Database, app: str, tables: Sequence[Table], file: Path) -> dict[str, int]:
    """Replaces the tables' rows by those of the file, all or nothing. Raises Invalid for a file that does not fit."""
    known = {table.name: table for table in tables}
    counts = dict.fromkeys(known, 0)
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            header = json.loads(next(lines, "{}"))
            if header.get("format") != _FORMAT or header.get("app") != app:
                raise Invalid(f"not a backup of {app}")
            if header.get("versions") != database.versions():
                raise Invalid("made by another version: restore with that version, then upgrade")
            with database.write() as connection:
                for table in reversed(tables):
                    connection.execute(delete(table))
                batch: list[dict[str, Any]] = []
                current = ""
                for line in lines:
                    entry = json.loads(line)
                    if entry["table"] != current or len(batch) >= _BATCH:
                        if batch:
                            connection.execute(insert(known[current]), batch)
                        current, batch = entry["table"], []
                    batch.append(_typed(known[current], entry["row"]))
                    counts[current] += 1
                if batch:
                    connection.execute(insert(known[current]), batch)
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise Invalid(f"{file} cannot be read: {error}") from error
    return counts


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        key: datetime.fromisoformat(value)
        if value is not None and isinstance(table.c[key].type, UtcDateTime)
        else value
        for key, value in row.items()
    }
