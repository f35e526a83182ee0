"""Migrations make the tables the code describes, once, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, inspect, select, text

from clients.kit import tables
from clients.kit.db import Database, Migration, upsert
from clients.textbooks import store
from idp.core.clock import FixedClock

ALL = [*tables.MIGRATIONS, *store.MIGRATIONS]


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    database = Database(empty_database_url, ALL)
    yield database
    database.engine.dispose()


def test_an_empty_database_is_upgraded_once(empty: Database) -> None:
    assert not empty.is_ready()
    assert empty.upgrade() == ["kit 1", "kit 2", "textbooks 1"]
    assert empty.upgrade() == []
    assert empty.is_ready()
    assert empty.versions() == {"kit": 2, "textbooks": 1}


def test_migrations_and_tables_agree(client_database: Database) -> None:
    found = inspect(client_database.engine)
    for table in (*tables.metadata.sorted_tables, *store.metadata.sorted_tables):
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
        made = {index["name"] for index in found.get_indexes(table.name)}
        assert {index.name for index in table.indexes} <= made


def test_a_later_step_is_applied_to_what_is_there(client_database: Database) -> None:
    def add(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE shelf_marks (sub VARCHAR(255))"))

    newer = Database(client_database.engine.url.render_as_string(False), [*ALL, Migration("textbooks", 2, add)])
    assert not newer.is_ready()
    assert newer.upgrade() == ["textbooks 2"]
    newer.engine.dispose()


def test_a_step_that_fails_leaves_nothing(empty: Database) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (a INTEGER)"))
        raise RuntimeError("no")

    broken = Database(empty.engine.url.render_as_string(False), [Migration("kit", 1, fail)])
    with pytest.raises(RuntimeError):
        broken.upgrade()
    assert inspect(broken.engine).get_table_names() == []
    broken.engine.dispose()


def test_starting_together_upgrades_once(empty: Database) -> None:
    done: list[list[str]] = []
    threads = [threading.Thread(target=lambda: done.append(empty.upgrade())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(steps) for steps in done) == [0, 0, 0, 3]


def test_upsert_replaces_by_primary_key(client_database: Database, clock: FixedClock) -> None:
    for name in ("Айгерім", "Диас"):
        with client_database.write() as connection:
            upsert(connection, store.readers, {"sub": "s", "name": name, "seen_at": clock.now()})
    with client_database.read() as connection:
        rows = connection.execute(select(store.readers)).all()
    assert [(row.name, row.seen_at) for row in rows] == [("Диас", clock.now())]
