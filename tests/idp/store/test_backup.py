"""Copies of the database: whole, private, and never over people by accident."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from idp.core.errors import Conflict, Invalid, Unavailable
from idp.store import backup, migrations
from idp.store.models.people import Person
from idp.store.session import UnitOfWork, open_engine
from tests.factories.rows import add_person


@pytest.fixture
def other(empty_database_url: str) -> Engine:
    return open_engine(empty_database_url)


def _usernames(engine: Engine) -> list[str]:
    with UnitOfWork(engine).read() as tx:
        return list(tx.connection.execute(select(Person.username).order_by(Person.username)).scalars())


def test_a_copy_restores_into_an_empty_database(uow: UnitOfWork, other: Engine, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_person(tx, "aigerim", iin_sealed=b"\x00\xff", claims={"website": "https://мектеп.example"})
    backup.backup(uow.engine, tmp_path / "copy")
    backup.restore(other, tmp_path / "copy")
    assert _usernames(other) == ["aigerim"]
    assert migrations.check(other) == []
    other.dispose()


def test_a_copy_is_for_its_owner_only(uow: UnitOfWork, tmp_path: Path) -> None:
    backup.backup(uow.engine, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".copy.*"))


def test_a_copy_never_overwrites_a_file(uow: UnitOfWork, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("yesterday's")
    with pytest.raises(Conflict):
        backup.backup(uow.engine, tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "yesterday's"


def test_a_copy_taken_during_a_write_holds_what_was_committed(uow: UnitOfWork, other: Engine, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_person(tx, "committed")
    with uow.write() as tx:
        add_person(tx, "under-way")
        backup.backup(uow.engine, tmp_path / "copy")
    backup.restore(other, tmp_path / "copy")
    assert _usernames(other) == ["committed"]
    other.dispose()


def test_a_database_with_people_is_replaced_only_by_force(uow: UnitOfWork, tmp_path: Path) -> None:
    with uow.write() as tx:
        add_person(tx, "aigerim")
    backup.backup(uow.engine, tmp_path / "copy")
    with uow.write() as tx:
        add_person(tx, "later")
    with pytest.raises(Conflict, match="not empty"):
        backup.restore(uow.engine, tmp_path / "copy")
    assert _usernames(uow.engine) == ["aigerim", "later"]
    backup.restore(uow.engine, tmp_path / "copy", force=True)
    assert _usernames(uow.engine) == ["aigerim"]


def test_a_restored_database_goes_on_working(uow: UnitOfWork, tmp_path: Path) -> None:
    backup.backup(uow.engine, tmp_path / "copy")
    backup.restore(uow.engine, tmp_path / "copy")
    with uow.write() as tx:
        add_person(tx, "new")
    assert _usernames(uow.engine) == ["new"]


@pytest.mark.parametrize("content", [b"", b"neither of them", b"SQLite format 3\x00" + b"\x00" * 2000, b"PGDMP broken"])
def test_a_file_that_is_no_copy_changes_nothing(uow: UnitOfWork, tmp_path: Path, content: bytes) -> None:
    with uow.write() as tx:
        add_person(tx, "aigerim")
    (tmp_path / "copy").write_bytes(content)
    with pytest.raises((Invalid, Unavailable)):
        backup.restore(uow.engine, tmp_path / "copy", force=True)
    assert _usernames(uow.engine) == ["aigerim"]


def test_a_missing_file_is_named(uow: UnitOfWork, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="nowhere"):
        backup.restore(uow.engine, tmp_path / "nowhere")


def test_a_failed_copy_leaves_no_file(tmp_path: Path, postgres_url: str) -> None:
    engine = open_engine(postgres_url.rsplit("/", 1)[0] + "/missing")
    with pytest.raises(Unavailable, match="missing"):
        backup.backup(engine, tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []
