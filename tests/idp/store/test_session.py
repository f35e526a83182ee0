"""The unit of work: what commits, what rolls back, and how four processes share one database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from idp.core.clock import monotonic
from idp.store import session
from idp.store.models.org import Organisation
from idp.store.models.people import Person
from idp.store.models.sessions import Throttle
from idp.store.models.work import Lease
from idp.store.session import UnitOfWork, in_write, normalise_url, open_engine
from tests.factories.rows import BEGINNING, add_person
from tests.fakes.processes import run_together

_PROCESSES = 4


def _people(uow: UnitOfWork) -> int:
    with uow.read() as tx:
        return tx.connection.execute(select(func.count()).select_from(Person)).scalar_one()


def test_an_error_of_a_statement_does_not_tell_its_values(uow: UnitOfWork) -> None:
    with pytest.raises(IntegrityError) as caught, uow.write() as tx:
        add_person(tx, "aigerim")
        add_person(tx, "aigerim", family_name="Оспанова")
    assert "Оспанова" not in str(caught.value).replace(str(caught.value.orig), "")


def test_an_answer_commits(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        add_person(tx)
    assert _people(uow) == 1


def test_an_exception_rolls_back_core_and_orm_alike(uow: UnitOfWork) -> None:
    with pytest.raises(RuntimeError, match="refused"), uow.write() as tx:
        add_person(tx)
        tx.session.add(Lease(name="job", owner="a", until=BEGINNING, fence=1))
        tx.session.flush()
        raise RuntimeError("refused")
    assert _people(uow) == 0
    with uow.read() as tx:
        assert tx.connection.execute(select(Lease)).first() is None


def test_orm_changes_are_flushed_at_the_end(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        tx.session.add(Lease(name="job", owner="a", until=BEGINNING, fence=1))
    with uow.write() as tx:
        lease = tx.session.get_one(Lease, "job")
        lease.fence = 2
    with uow.read() as tx:
        assert tx.connection.execute(select(Lease.fence)).scalar_one() == 2


def test_core_and_orm_see_one_transaction(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person_id = add_person(tx)
        assert tx.session.get_one(Person, person_id).username == "aigerim"


def test_a_write_inside_a_write_is_a_mistake(uow: UnitOfWork) -> None:
    with uow.write(), pytest.raises(RuntimeError, match="already open"), uow.write():
        pass


def test_in_write_is_true_inside_only_even_after_a_failure(uow: UnitOfWork) -> None:
    assert not in_write.get()
    with uow.read():
        assert not in_write.get()
    with pytest.raises(KeyError), uow.write():
        assert in_write.get()
        raise KeyError
    assert not in_write.get()


def test_foreign_keys_are_enforced(uow: UnitOfWork) -> None:
    row = {"id": "b" * 32, "parent_id": "a" * 32, "type": "secondary", "name": "№ 5", "created_at": BEGINNING}
    with pytest.raises(IntegrityError), uow.write() as tx:
        tx.connection.execute(insert(Organisation), row)


def test_a_read_of_an_orm_row_may_leave_its_transaction(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person_id = add_person(tx, given_name="Айгерім")
    with uow.read() as tx:
        person = tx.session.get_one(Person, person_id)
    assert person.given_name == "Айгерім"


def test_a_writer_on_sqlite_begins_immediate_and_a_reader_deferred(sqlite_url: str) -> None:
    """A reader that becomes a writer would meet `database is locked` in spite of the timeout."""
    engine = open_engine(sqlite_url)
    begun: list[str] = []

    @event.listens_for(engine, "connect")
    def _note(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(begun.append)

    uow = UnitOfWork(engine)
    with uow.write() as tx:
        tx.connection.execute(text("SELECT 1"))
    with uow.read() as tx:
        tx.connection.execute(text("SELECT 1"))
    assert [statement for statement in begun if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN DEFERRED"]
    engine.dispose()


def test_sqlite_runs_in_wal_with_foreign_keys(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    with UnitOfWork(engine).read() as tx:
        assert tx.connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert tx.connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_a_relative_sqlite_path_means_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert normalise_url("sqlite:///school.sqlite3") == f"sqlite:///{tmp_path}/school.sqlite3"


def test_a_password_survives_the_normal_form_of_an_address() -> None:
    url = "postgresql+psycopg://bilim:p%40ss@db.example:5432/bilim"
    assert normalise_url(url) == url


def _add_up(database_url: str, times: int) -> int:
    """Reads a number and writes the next, the transaction that loses updates when writers do not take turns."""
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    for _ in range(times):
        with uow.write() as tx:
            query = select(Throttle.failures).where(Throttle.key == "count").with_for_update()
            failures = tx.connection.execute(query).scalar_one()
            tx.connection.execute(update(Throttle).where(Throttle.key == "count").values(failures=failures + 1))
    engine.dispose()
    return times


def test_four_processes_that_read_then_write_lose_nothing(
    database_url: str, uow: UnitOfWork, effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    times = effort(50, 1000)
    with uow.write() as tx:
        tx.connection.execute(insert(Throttle), {"key": "count", "failures": 0, "window_ends_at": BEGINNING})
    done = run_together(_add_up, [(database_url, times)] * _PROCESSES)
    with uow.read() as tx:
        assert tx.connection.execute(select(Throttle.failures)).scalar_one() == sum(done) == times * _PROCESSES
    counted("read-then-write transactions of four processes", sum(done))


def _read_while_written(database_url: str, writes: bool, times: int) -> int:
    """Two rows always add up to zero; a reader that saw a half transaction would notice."""
    engine = open_engine(database_url)
    uow = UnitOfWork(engine)
    for number in range(times):
        if writes:
            with uow.write() as tx:
                for key, value in (("plus", number), ("minus", -number)):
                    tx.connection.execute(update(Throttle).where(Throttle.key == key).values(failures=value))
        else:
            with uow.read() as tx:
                assert tx.connection.execute(select(func.sum(Throttle.failures))).scalar_one() == 0
    engine.dispose()
    return times


def test_readers_never_see_half_a_transaction(
    database_url: str, uow: UnitOfWork, effort: Callable[[int, int], int]
) -> None:
    times = effort(100, 5000)
    with uow.write() as tx:
        for key in ("plus", "minus"):
            tx.connection.execute(insert(Throttle), {"key": key, "failures": 0, "window_ends_at": BEGINNING})
    run_together(_read_while_written, [(database_url, number == 0, times) for number in range(_PROCESSES)])


@pytest.mark.postgres
def test_a_connection_that_broke_while_idle_is_replaced_unseen(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(postgres_url)
    uow = UnitOfWork(engine)
    other = open_engine(postgres_url)
    with uow.read() as tx:
        pid = tx.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with UnitOfWork(other).read() as tx:
        tx.connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    later = monotonic() + 60
    monkeypatch.setattr(session, "monotonic", lambda: later)
    with uow.read() as tx:
        assert tx.connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid
    engine.dispose()
    other.dispose()
