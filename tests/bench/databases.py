"""One database for the server, one for its floor: SQLite files, or a PostgreSQL server of the run's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.databases import PostgresServer, postgres_programs

_DURABLE = "listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = 128MB\n"
"""Everything else is PostgreSQL's default: fsync and synchronous_commit are on."""


@dataclass(frozen=True, slots=True)
class Databases:
    """`beside` are processes whose CPU counts with the server's; empty when the server is somebody else's. `apart` is
    one more for a process of its own; empty for SQLite in a folder of that process."""

    title: str
    real: str
    floor: str
    beside: tuple[int, ...] = ()
    apart: str = ""


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Databases]:
    """`kind` is sqlite, postgresql, or the address of an empty database that both will use."""
    if kind == "sqlite":
        yield Databases("SQLite (WAL)", f"sqlite:///{folder / 'real.sqlite3'}", f"sqlite:///{folder / 'floor.sqlite3'}")
    elif kind == "postgresql":
        programs = postgres_programs()
        if programs is None:
            raise SystemExit("PostgreSQL is not installed: run `make test` as root once, or apt-get install postgresql")
        server = PostgresServer(programs, config=_DURABLE)
        try:
            server.start()
            real, floor, apart = (server.create(name) for name in ("real", "floor", "apart"))
            yield Databases("PostgreSQL", real, floor, (server.pid,), apart)
        finally:
            server.stop()
    else:
        yield Databases("the given database (its own CPU not counted)", kind, kind)
