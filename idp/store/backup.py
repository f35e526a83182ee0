"""Whole copies of the database: SQLite through its online backup, PostgreSQL through its own tools.

A copy holds password hashes, sealed keys and children's names: files are made with mode 0600, under a temporary name
until they are whole, and the database's password reaches no command line.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, select

from idp.core.errors import Conflict, Invalid, Unavailable
from idp.store.models.audit import Change
from idp.store.models.people import Person

_SQLITE_MAGIC = b"SQLite format 3\x00"
_POSTGRES_MAGIC = b"PGDMP"


def backup(engine: Engine, file: Path) -> None:
    """Writes a consistent copy while others read and write. Raises Conflict when `file` exists."""
    if file.exists():
        raise Conflict(f"{file} exists already")
    with _private_file(file) as path:
        if engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(_sqlite_path(engine))) as source, closing(sqlite3.connect(path)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")
        else:
            _run(engine, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}")


def restore(engine: Engine, file: Path, *, force: bool = False) -> None:
    """Puts a copy in place of the database. Raises Conflict when people live in it already, unless forced."""
    if not file.is_file():
        raise Invalid(f"{file} does not exist")
    if not force and not is_empty(engine):
        raise Conflict("the database is not empty; --force replaces everything in it")
    sqlite = engine.dialect.name == "sqlite"
    _demand_kind(file, _SQLITE_MAGIC if sqlite else _POSTGRES_MAGIC)
    engine.dispose()
    if not sqlite:
        options = ("--clean", "--if-exists", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        _run(engine, "pg_restore", *options, str(file))
        return
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as source:
        try:
            is_whole = source.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        except sqlite3.DatabaseError:
            is_whole = False
        if not is_whole:
            raise Invalid(f"{file} is damaged")
        with closing(sqlite3.connect(_sqlite_path(engine))) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=WAL")


def is_empty(engine: Engine) -> bool:
    """True when there is no table yet, or not a single person."""
    if not inspect(engine).has_table(Person.__tablename__):
        return True
    with engine.connect() as connection:
        return connection.execute(select(Person.id).limit(1)).first() is None


def has_feed(engine: Engine) -> bool:
    """Whether a copy that was put back is new enough to have a log that readers follow."""
    return inspect(engine).has_table(Change.__tablename__)


@contextmanager
def _private_file(file: Path) -> Iterator[Path]:
    """A file of mode 0600 beside `file`, renamed to it when whole, so that half a copy never looks like one."""
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    os.close(handle)
    try:
        yield Path(name)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)


def _demand_kind(file: Path, magic: bytes) -> None:
    with file.open("rb") as opened:
        if opened.read(len(magic)) != magic:
            raise Invalid(f"{file} is no backup of this kind of database")


def _sqlite_path(engine: Engine) -> str:
    path = engine.url.database
    if not path or path == ":memory:":
        raise Invalid("a database in memory has no copies")
    return path


def _run(engine: Engine, program: str, *arguments: str) -> None:
    """Runs a PostgreSQL tool against the engine's database; the password travels in the environment."""
    url = engine.url
    connection = {
        "PGHOST": url.host,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
        "PGSSLMODE": _text(url.query.get("sslmode")),
        "PGSSLROOTCERT": _text(url.query.get("sslrootcert")),
    }
    environment = os.environ | {name: value for name, value in connection.items() if value}
    target = [f"--dbname={url.database}"] if program == "pg_restore" else []
    done = subprocess.run(  # noqa: S603 - fixed program, no shell
        [_program(program), *target, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Unavailable(f"{program} failed: {lines[-1] if lines else done.returncode}", detail=done.stderr)


def _text(value: str | tuple[str, ...] | None) -> str | None:
    return value[-1] if isinstance(value, tuple) else value


def _program(name: str) -> str:
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    if not versions:
        raise Unavailable(f"{name} is not installed: it comes with PostgreSQL's client programs")
    return str(versions[-1])
