"""The unit of work: the only way to a connection, and the rule of one short transaction a request.

On SQLite a writer takes `BEGIN IMMEDIATE` at once (a reader that becomes a writer would meet "database is locked");
on PostgreSQL readers run in AUTOCOMMIT, which saves two round trips.
"""

from __future__ import annotations

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

from idp.core.clock import monotonic

_BUSY_MS = 15_000
_IDLE_SECONDS = 10.0
_WRITES = "bilim_writes"
in_write: contextvars.ContextVar[bool] = contextvars.ContextVar("in_write", default=False)
"""True inside a write transaction: slow work (a hash, a socket) must not happen then; tests watch it."""


def engine_options(database_url: str) -> dict[str, Any]:
    """Keyword arguments for `create_engine`, by kind of database."""
    # An error of a statement is logged with its text, and must not bring its values (hashes, names) along.
    options: dict[str, Any] = {"hide_parameters": True, "pool_size": 8}
    if make_url(database_url).get_backend_name() == "sqlite":
        return options | {"connect_args": {"check_same_thread": False, "timeout": _BUSY_MS / 1000}}
    return options | {"max_overflow": 8, "pool_pre_ping": False, "pool_recycle": 1800}


def normalise_url(database_url: str) -> str:
    """The same address with a relative SQLite path made absolute, whoever opens it from wherever."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        url = url.set(database=str(Path(url.database).resolve()))
    return url.render_as_string(hide_password=False)


def open_engine(database_url: str) -> Engine:
    """An engine with our listeners, for tools that run without the app."""
    engine = create_engine(normalise_url(database_url), **engine_options(database_url))
    prepare_engine(engine)
    return engine


def prepare_engine(engine: Engine) -> None:
    """Installs the listeners of this kind of database."""
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    else:
        _prepare_server(engine)


def _prepare_server(engine: Engine) -> None:
    """A connection that lay idle is asked first whether it still works: after a fail-over nobody sees an error for it.

    Asking every time (`pool_pre_ping`) would cost each request a round trip.
    """

    @event.listens_for(engine, "checkin")
    def _lay_down(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def _take_up(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("idle_since", monotonic()) > _IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.dbapi.Error as error:  # type: ignore[union-attr]  # a dialect in use has its driver
                raise DisconnectionError("the connection lay idle and is broken") from error


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}",
            "recursive_triggers=ON",  # Without it INSERT OR REPLACE deletes past the triggers of what only grows.
        ):  # fmt: skip
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # Not a listener of "begin": with one, Core asks for listeners at every step of every statement, which costs each
    # transaction a third of its time.
    engine.dialect.do_begin = _begin  # type: ignore[assignment, method-assign]


def _begin(connection: Any) -> None:
    connection.dbapi_connection.execute("BEGIN IMMEDIATE" if _WRITES in connection.info else "BEGIN DEFERRED")


@contextmanager
def begin_writing(connection: Connection) -> Iterator[None]:
    """A transaction that writes from its beginning; committed at the end unless something raised."""
    info = connection.info
    info[_WRITES] = True
    try:
        with connection.begin():
            yield
    finally:
        info.pop(_WRITES, None)


def is_writing(connection: Connection) -> bool:
    """Whether the connection's transaction is one of `begin_writing`."""
    return _WRITES in connection.info


class Tx:
    """One transaction. `connection` runs Core statements, `session` the ORM on the same connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def session(self) -> Session:
        return Session(bind=self.connection, expire_on_commit=False, autoflush=True)

    def close(self, *, flush: bool) -> None:
        if "session" in self.__dict__:
            if flush:
                self.session.flush()
            self.session.close()


class UnitOfWork:
    """Opens transactions. An answer commits, an exception rolls back; what must survive a refusal is returned."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        sqlite = engine.dialect.name == "sqlite"
        self._readers = engine if sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """For looking only: what is written here is not kept."""
        with self._readers.connect() as connection:
            tx = Tx(connection)
            try:
                yield tx
            finally:
                tx.close(flush=False)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One short write transaction; nested use is a mistake and raises."""
        if in_write.get():
            raise RuntimeError("a write transaction is already open")
        with self.engine.connect() as connection, begin_writing(connection):
            token = in_write.set(True)
            tx = Tx(connection)
            try:
                yield tx
                tx.close(flush=True)
            finally:
                tx.close(flush=False)
                in_write.reset(token)
