"""`bilim-client APP serve|worker|db`: runs one client; each starts alone.

A client is imported by the process that serves it, not by the one that watches over it: it starts twice as fast.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clients.kit.settings import ClientSettings, SettingsError, read_credentials
from idp.core.clock import SystemClock
from idp.core.errors import BilimError

if TYPE_CHECKING:
    from clients.kit.app import Client
    from clients.kit.db import Database

_NAMES = ("cabinet", "textbooks", "lms")
_BY_SAML = ("lms",)
"""These have no client id and secret but a key of their own, made at the first start."""


def _settings(name: str) -> ClientSettings:
    try:
        return ClientSettings.from_env(name, os.environ)
    except SettingsError as error:
        raise click.UsageError(str(error)) from None


def _client(name: str) -> Client:
    client: Client = importlib.import_module(f"clients.{name}.client").CLIENT
    return client


def _database(name: str) -> tuple[Database, list[str]]:
    """The client's database, upgraded, and the steps that this took."""
    from clients.kit.app import open_database

    database = open_database(_client(name), _settings(name))
    return database, database.upgrade()


@click.group()
def cli() -> None:
    """Runs a service that signs in through Bilim ID."""


def _serve(name: str) -> click.Command:
    prefix = f"BILIM_{name.upper()}_"

    @click.command()
    @click.option("--bind", metavar="HOST:PORT", help=f"Where to listen; {prefix}BIND by default.")
    @click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
    @click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads a process.")
    def serve(bind: str | None, workers: int, threads: int) -> None:
        """Upgrades the database and serves until SIGTERM."""
        from granian import Granian
        from granian.constants import Interfaces

        if bind:
            os.environ[f"{prefix}BIND"] = bind
        settings = _settings(name)
        if name not in _BY_SAML:
            try:
                read_credentials(settings.client_file)
            except SettingsError as error:
                raise click.UsageError(str(error)) from None
        host, port = settings.host_and_port
        Granian(
            f"clients.{name}:create_app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            factory=True,
            websockets=False,
            log_access=False,
            workers_kill_timeout=10,
        ).serve()

    return serve


def _worker(name: str) -> click.Command:
    @click.command()
    @click.option("--once", is_flag=True, help="One round, then stop.")
    def worker(once: bool) -> None:
        """Deletes what has expired, every ten minutes, and reads the IdP's feed where the client keeps a copy of it."""
        from clients.kit.app import open_projection
        from clients.kit.logs import configure_logs
        from clients.kit.worker import run_worker

        settings, client = _settings(name), _client(name)
        configure_logs(settings.log_format)
        database = _database(name)[0]
        pull = open_projection(client, settings, database).pull if client.feeds else None
        run_worker(database, SystemClock(), once=once, pull=pull, expiring=client.expiring)

    return worker


def _db(name: str) -> click.Group:
    @click.group()
    def db() -> None:
        """The client's own database."""

    @db.command()
    @click.option("--json", "as_json", is_flag=True, help="Print the applied steps as JSON.")
    def upgrade(as_json: bool) -> None:
        """Applies the migrations that are missing."""
        done = _database(name)[1]
        click.echo(json.dumps(done) if as_json else "\n".join(done) or "up to date")

    @db.command("backup")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
    def backup_command(file: Path, as_json: bool) -> None:
        """Writes what the client keeps to FILE; sessions and tokens stay out."""
        from clients.kit.backup import back_up

        _print_counts(back_up(_database(name)[0], name, _client(name).tables, file), as_json)

    @db.command("restore")
    @click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
    @click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
    def restore_command(file: Path, as_json: bool) -> None:
        """Replaces what the client keeps by the rows of FILE, all or nothing."""
        from clients.kit.backup import restore

        _print_counts(restore(_database(name)[0], name, _client(name).tables, file), as_json)

    return db


def _metadata(name: str) -> click.Command:
    @click.command()
    def metadata() -> None:
        """Prints the SAML metadata as a file: signed, without an end. Makes the client's key when there is none."""
        made = importlib.import_module(f"clients.{name}.client")
        try:
            document: bytes = made.metadata_file(_settings(name), SystemClock())
        except SettingsError as error:
            raise click.UsageError(str(error)) from None
        click.echo(document)

    return metadata


def _print_counts(counts: dict[str, int], as_json: bool) -> None:
    click.echo(json.dumps(counts) if as_json else "\n".join(f"{name}: {count}" for name, count in counts.items()))


for _name in _NAMES:
    _group = click.Group(_name, help=f"The {_name}; settings are BILIM_{_name.upper()}_ISSUER, …CLIENT_FILE and so on.")
    for _command in (_serve(_name), _worker(_name), _db(_name)):
        _group.add_command(_command)
    if _name in _BY_SAML:
        _group.add_command(_metadata(_name))
    cli.add_command(_group)


def main() -> None:
    """Exit 0 when done, 1 when the work failed, 2 when the command or the environment is wrong."""
    try:
        cli(standalone_mode=True)
    except BilimError as error:
        click.echo(error.description or error.code, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
