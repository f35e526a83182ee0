"""Databases for tests: a PostgreSQL server of the test run's own, and migrated copies made quickly.

One server per pytest process (xdist worker), started when the first test asks. It dies with that process,
even with a killed one, because the kernel sends it a signal (`setpriv --pdeathsig`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from idp.core.ids import new_id
from idp.store import migrations
from idp.store.session import prepare_engine
from tests.fakes.components import missing

_START_SECONDS = 30
_STALE_SECONDS = 6 * 3600
_PREFIX = "bilim-id-postgres-"
_COPIES_FILES = 150_000
"""From this version on a template is copied through the log unless told otherwise, which takes twice as long."""
_CONFIG = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 120
shared_buffers = 64MB
fsync = off
full_page_writes = off
autovacuum = off
"""


def _sweep() -> None:
    """Removes what killed test runs left: their servers are dead, their folders are not."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path | None:
    """The folder of the newest installed PostgreSQL server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


class PostgresServer:
    """A throw-away server on loopback. With the default `config` it keeps nothing: fsync is off."""

    def __init__(self, programs: Path, config: str = _CONFIG) -> None:
        self._programs = programs
        self._config = config
        self._folder = Path(tempfile.mkdtemp(prefix="bilim-id-postgres-"))
        self._data = self._folder / "data"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def _command(self, *arguments: str) -> list[str]:
        """As root through `setpriv`, because PostgreSQL refuses to run as root."""
        lower = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if shutil.which("setpriv"):
            lower = [*(lower or ["setpriv"]), "--pdeathsig=INT"]
        return [*lower, *arguments]

    def start(self) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        initdb = [str(self._programs / "initdb"), "-D", str(self._data), "--username=bilim", "--auth=trust"]
        options = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        subprocess.run(self._command(*initdb, *options), check=True, capture_output=True, cwd="/")
        with (self._data / "postgresql.conf").open("a") as config:
            config.write(self._config)
        self.resume()

    def resume(self) -> None:
        """Starts the server on the data it has; after `halt` too."""
        server = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(*server), stdout=log, stderr=log, cwd="/")
        self._wait()

    def _wait(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self._conninfo(), connect_timeout=2).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    log = (self._folder / "log").read_text()
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None
                time.sleep(0.05)
            else:
                return

    @property
    def pid(self) -> int:
        """The process whose children are the server's connections."""
        assert self._process is not None
        return self._process.pid

    def _conninfo(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=bilim dbname=postgres"

    def stop(self) -> None:
        self.halt()
        shutil.rmtree(self._folder, ignore_errors=True)

    def halt(self) -> None:
        """Stops it, with every connection broken; the data stay."""
        if self._process is not None:
            self._process.send_signal(2)
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://bilim@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, *, template: str = "template0") -> str:
        """Makes a database and returns its address."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template))
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            if connection.info.server_version >= _COPIES_FILES:
                statement += sql.SQL(" STRATEGY FILE_COPY")
            connection.execute(statement)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Drops it and throws out whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """The address of a fresh copy of a database, dropped at the end."""
        name = f"test_{new_id()}"
        yield self.create(name, template=template)
        self.drop(name)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server; ends the test when PostgreSQL is not installed."""
    programs = postgres_programs()
    if programs is None:
        missing("PostgreSQL is not installed: run `make test` as root, or install Debian's postgresql")
        raise AssertionError
    server = PostgresServer(programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def migrate(database_url: str) -> None:
    """Brings a database to the newest revision and leaves no connection behind."""
    engine = create_engine(database_url, poolclass=NullPool)
    prepare_engine(engine)
    migrations.upgrade(engine)
    engine.dispose()
