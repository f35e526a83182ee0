"""docs/reference/data-map.md, made from the models and from what `store/data_map.py` says of each table."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from idp.store import models
from idp.store.base import Base
from idp.store.data_map import CLIENT_TABLES, TABLES

_HEADING = """\
# Data map

Every table: what it says about people, why, who reads it, how long it stays. Order 456 asks for it through the
personal-data law (Law № 94-V, articles 7, 12, 24: no excess data, kept no longer than the purpose, told to who asks).

This page is generated: `idp doctor --data-map > docs/reference/data-map.md`; a test compares it with the models in
`idp/store/models/` and with the facts in `idp/store/data_map.py`.

«Retention» is `idp/jobs/retention.py::Retention`, run by the worker every hour by the rules in
`idp/services/retention_rules.py`; `/admin/retention` shows what ran and what goes next. The numbers of days are our own
choice: the law names the purpose. Nobody is destroyed by a term while their data is blocked, a request waits, or a
breach is open.

## The identity provider

| table | personal data | why | who reads it | how long |
|---|---|---|---|---|
"""
_COLUMNS = """
Alembic's own `alembic_version` holds one number.

## Columns

Of tables with personal data.

| table | columns |
|---|---|
"""
_CLIENTS = """
## The clients

| client | table | personal data | why | who reads it | how long |
|---|---|---|---|---|---|
"""
_WHERE = """
The cabinet keeps nothing but sessions.

## Where it lies

One database per part, the master key in a file, logs on standard error, copies where you put them.
`idp doctor --stores` lists every place of an installation, `--json` for machines. All of it must stand in Kazakhstan.
"""


def markdown() -> str:
    """The whole page. Raises KeyError for a table that nobody has described."""
    assert models
    tables = Base.metadata.tables
    rows = [_row(f"`{name}`", facts.people, facts.why, facts.who, facts.keep) for name, facts in TABLES.items()]
    described = [_columns(tables[name]) for name, facts in TABLES.items() if not facts.people.startswith("none")]
    unknown = sorted(tables.keys() - TABLES.keys())
    if unknown:
        raise KeyError(f"not in store/data_map.py: {', '.join(unknown)}")
    clients = [
        _row(client, f"`{table}`", facts.people, facts.why, facts.who, facts.keep)
        for (client, table), facts in CLIENT_TABLES.items()
    ]
    return "".join((_HEADING, *rows, _COLUMNS, *described, _CLIENTS, *clients, _WHERE))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _columns(table: Table) -> str:
    return _row(f"`{table.name}`", _listed(column.name for column in table.columns))


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in names)
