"""Prepares the demo folder, starts every part as a process of its own, prints where they are, waits."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click

from idp.cli.dev.addresses import Addresses, parse
from idp.cli.dev.folder import Folder
from idp.cli.dev.processes import Processes
from idp.settings import Settings


@click.command()
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(".demo"), show_default=True)
@click.option(
    "--address", multiple=True, metavar="NAME=URL", help="Where a part listens, e.g. cabinet=http://127.0.0.2:8001."
)
@click.option("--database-url", default="", help="Instead of SQLite in the folder.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 16), help="IdP processes.")
def dev(folder: Path, address: tuple[str, ...], database_url: str, workers: int) -> None:
    """Run the IdP, a demo school and every client on this machine."""
    if os.environ.get("IDP_ENV", "dev") != "dev":
        raise click.ClickException("idp dev runs with IDP_ENV=dev only")
    addresses = parse(address)
    home = Folder(folder.resolve(), addresses, database_url)
    if not home.is_prepared():
        # Heavy, and needed for the first start only.
        from idp.cli.dev.prepare import prepare

        prepare(home, Settings.from_env(os.environ | home.idp_environment()))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Processes() as processes:
        processes.start_idp(home, workers)
        processes.wait_ready(addresses.idp + "/readyz", stop)
        for name in home.clients():
            processes.start_client(home, name)
        processes.start_worker(home)
        for name in home.clients():
            processes.wait_ready(addresses.of(name) + "/readyz", stop)
        if not stop.is_set():
            _welcome(addresses, home)
        while not stop.wait(0.5):
            name = processes.died()
            if name:
                raise click.ClickException(f"{name} ended unexpectedly; its log is above")


def _welcome(addresses: Addresses, home: Folder) -> None:
    click.echo("\nBilim ID is ready.\n")
    click.echo(f"  {'sign-in':10} {addresses.idp}")
    for name in home.clients():
        click.echo(f"  {name:10} {addresses.of(name)}")
    click.echo("\n  Demo accounts (made-up people):\n")
    for username, password in home.accounts().items():
        click.echo(f"  {username:10} {password}")
    click.echo("\n  Ctrl+C stops everything.")
