"""A backup brings back what a client kept, on either database, and holds no token."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from clients.kit.backup import back_up, restore
from clients.kit.db import Database
from clients.kit.sealing import Sealer, derive_key
from clients.kit.sessions import Sessions, Tokens
from clients.textbooks import store
from idp.core.clock import FixedClock
from idp.core.errors import Invalid

TABLES = tuple(store.metadata.sorted_tables)


def fill(database: Database, clock: FixedClock) -> None:
    with database.write() as connection:
        connection.execute(insert(store.readers).values(sub="s1", name="Әлия", seen_at=clock.now()))
        place = {"sub": "s1", "book": "svet-i-ten", "page": 2, "furthest": 4, "read_at": clock.now()}
        connection.execute(insert(store.places).values(place))
        row = {"sub": "s1", "book": "svet-i-ten", "answers": [1, -1], "right": 1, "best": 1, "tries": 1}
        connection.execute(insert(store.results).values(row | {"answered_at": clock.now()}))
        connection.execute(insert(store.reader_classes).values(sub="s1", class_id="c7"))
    sealer = Sealer(derive_key("s", "t"))
    Sessions(database, sealer, clock).create(sub="s1", sid="", tokens=Tokens("a", "r", "i", clock.now()), claims={})


def everything(database: Database) -> list[list[object]]:
    with database.read() as connection:
        return [list(connection.execute(select(table)).mappings()) for table in TABLES]


def test_what_was_kept_comes_back(client_database: Database, clock: FixedClock, tmp_path: Path) -> None:
    fill(client_database, clock)
    before = everything(client_database)
    file = tmp_path / "textbooks.backup"
    counts = back_up(client_database, "textbooks", TABLES, file)
    assert counts == {"readers": 1, "places": 1, "reader_classes": 1, "results": 1}
    assert file.stat().st_mode & 0o077 == 0
    with client_database.write() as connection:
        connection.execute(store.places.delete())
        connection.execute(insert(store.readers).values(sub="late", name="", seen_at=clock.now()))
    assert restore(client_database, "textbooks", TABLES, file) == counts
    assert everything(client_database) == before


def test_the_file_holds_no_session(client_database: Database, clock: FixedClock, tmp_path: Path) -> None:
    fill(client_database, clock)
    file = tmp_path / "textbooks.backup"
    back_up(client_database, "textbooks", TABLES, file)
    assert "access_token" not in gzip.decompress(file.read_bytes()).decode()


@pytest.mark.parametrize("change", ["app", "version", "text", "cut"])
def test_a_file_that_does_not_fit_changes_nothing(
    client_database: Database, clock: FixedClock, tmp_path: Path, change: str
) -> None:
    fill(client_database, clock)
    before = everything(client_database)
    file = tmp_path / "file"
    back_up(client_database, "textbooks", TABLES, file)
    plain = gzip.decompress(file.read_bytes()).decode()
    if change == "version":
        file.write_bytes(gzip.compress(plain.replace('"kit": 2', '"kit": 9').encode()))
    elif change == "text":
        file.write_bytes(gzip.compress((plain + "{not json\n").encode()))
    elif change == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Invalid):
        restore(client_database, "cabinet" if change == "app" else "textbooks", TABLES, file)
    assert everything(client_database) == before
