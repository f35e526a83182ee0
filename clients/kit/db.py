"""A client's own database: SQLite or PostgreSQL, one short transaction a step, small versioned migrations.

On SQLite a writer takes `BEGIN IMMEDIATE` at once: a reader that becomes a writer would meet "database is locked".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from idp.core.clock import Clock, SystemClock

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_BUSY_MS = 15_000
_UPGRADE_LOCK = 0x42494C494D
"""Two starting processes upgrade one after the other: an advisory lock on PostgreSQL, the writer's lock on SQLite."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes only; SQLite stores them without a zone and gets it back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a part's history. `apply` describes its tables itself, so that later edits change no past step."""

    part: str
    """`kit` or the client's name; each part counts from 1."""
    number: int
    apply: Callable[[Connection], None]


_versions = Table(
    "schema_versions",
    MetaData(naming_convention=NAMING),
    Column("part", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("applied_at", UtcDateTime(), nullable=False),
)


class Database:
    """Opens transactions. An answer commits, an exception rolls back."""

    def __init__(self, url: str, migrations: Sequence[Migration], clock: Clock | None = None) -> None:
        self.migrations = tuple(migrations)
        self._clock = clock or SystemClock()
        sqlite = make_url(url).get_backend_name() == "sqlite"
        options: dict[str, Any] = (
            {"connect_args": {"check_same_thread": False, "timeout": _BUSY_MS / 1000}, "pool_size": 8}
            if sqlite
            else {"pool_size": 8, "max_overflow": 8, "pool_recycle": 1800}
        )
        self.engine = create_engine(url, **options)
        if sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._writers = self.engine.execution_options(bilim_write=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """For looking only: what is written here is not kept."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One short write transaction; no network inside."""
        with self._writers.connect() as connection, connection.begin():
            yield connection

    def upgrade(self) -> list[str]:
        """Applies what is missing and names it, such as `kit 1`. Safe to run from several processes at once."""
        with self.read() as connection:
            if not self._missing(connection):
                return []
        with self.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
            _versions.create(connection, checkfirst=True)
            done = []
            for migration in self._missing(connection):
                migration.apply(connection)
                row = {"part": migration.part, "number": migration.number, "applied_at": self._clock.now()}
                connection.execute(insert(_versions).values(row))
                done.append(f"{migration.part} {migration.number}")
            return done

    def versions(self) -> dict[str, int]:
        """The newest applied number of each part."""
        with self.read() as connection:
            newest: dict[str, int] = {}
            for part, number in self._applied(connection):
                newest[part] = max(number, newest.get(part, 0))
            return newest

    def is_ready(self) -> bool:
        """True when the database answers and no migration is missing."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))
            return not self._missing(connection)

    def _missing(self, connection: Connection) -> list[Migration]:
        applied = self._applied(connection)
        return [migration for migration in self.migrations if (migration.part, migration.number) not in applied]

    def _applied(self, connection: Connection) -> set[tuple[str, int]]:
        if not inspect(connection).has_table(_versions.name):
            return set()
        return {(row.part, row.number) for row in connection.execute(select(_versions))}


def upsert(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Inserts a row or replaces the one with its primary key; on PostgreSQL the row stays locked until the commit."""
    insert_into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert_into(table).values(values)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in values if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={_BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = "IMMEDIATE" if connection.get_execution_options().get("bilim_write") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {mode}")
