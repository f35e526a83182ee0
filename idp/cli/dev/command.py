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

_FOLDER = click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path(".demo"), show_default=True
)
_ADDRESS = click.option(
    "--address", multiple=True, metavar="NAME=URL", help="Where a part listens, e.g. cabinet=http://127.0.0.2:8001."
)


@click.group(invoke_without_command=True)
@_FOLDER
@_ADDRESS
@click.option("--database-url", default="", help="Instead of SQLite in the folder.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 16), help="IdP processes.")
@click.pass_context
def dev(context: click.Context, folder: Path, address: tuple[str, ...], database_url: str, workers: int) -> None:
    """Run the IdP, a demo school and every client on this machine."""
    if os.environ.get("IDP_ENV", "dev") != "dev":
        raise click.ClickException("idp dev runs with IDP_ENV=dev only")
    if context.invoked_subcommand:
        return
    addresses = parse(address)
    home = Folder(folder.resolve(), addresses, database_url)
    if not home.is_prepared():
        # Heavy, and needed for the first start only.
        from idp.cli.dev.prepare import prepare

        prepare(home, Settings.from_env(os.environ | home.idp_environment()))
    stop = _stop_on_signal()
    with Processes() as processes:
        processes.start_idp(home, workers)
        processes.start_stand_ins(home)
        processes.wait_ready(addresses.idp + "/readyz", stop)
        for name in home.clients():
            processes.start_client(home, name)
        processes.start_worker(home)
        for name in home.clients():
            processes.wait_ready(addresses.of(name) + "/readyz", stop)
        processes.wait_ready(addresses.of("ncalayer"), stop)
        if not stop.is_set():
            _welcome(addresses, home)
        while not stop.wait(0.5):
            name = processes.died()
            if name:
                raise click.ClickException(f"{name} ended unexpectedly; its log is above")


@dev.command("phone")
@click.argument("link")
@_FOLDER
@click.option("--key", "name", default="gulnara", show_default=True, help="Whose ЭЦҚ; an unknown name lists them.")
@click.option("--yes", is_flag=True, help="Sign without asking.")
@click.option("--cancel", is_flag=True, help="Look at it, and do not sign.")
def phone(link: str, folder: Path, name: str, *, yes: bool, cancel: bool) -> None:
    """Act as eGov Mobile that has read the QR code LINK (mobileSign:… or https://m.egov.kz/mobileSign/?link=…)."""
    from idp.cli.dev import phone as app
    from idp.cli.dev.demo_nca import DemoNca
    from idp.core.clock import SystemClock

    if not (folder / "nca" / "keys.json").exists():
        raise click.ClickException(f"no demo keys in {folder}: start `idp dev` first")
    demo = DemoNca.load(folder / "nca")
    if name not in demo.keys:
        raise click.UsageError("--key is one of: " + ", ".join(demo.keys))
    errand = app.fetch(app.address(link))
    click.echo(app.shown(errand))
    click.echo(f"\nКілт: {demo.keys[name].title}")
    if cancel or not (yes or click.confirm("Қол қоясыз ба? Sign?")):
        click.echo("not signed")
        return
    status, text = app.deliver(errand, demo, demo.keys[name], SystemClock())
    click.echo(f"{status} {text}")
    if status != 200:
        raise click.ClickException("the host refused the signature")


@dev.command("stand-ins", hidden=True)
@_FOLDER
@_ADDRESS
def stand_ins(folder: Path, address: tuple[str, ...]) -> None:
    """Serve as NCALayer and as the NCA, until stopped; `idp dev` starts this."""
    from idp.cli.dev.stand_ins import run

    addresses = parse(address)
    stop = _stop_on_signal()
    run(
        folder / "nca",
        issuer=addresses.idp,
        ncalayer=addresses.bind("ncalayer"),
        nca=addresses.bind("nca"),
        stop=stop,
    )


def _stop_on_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _welcome(addresses: Addresses, home: Folder) -> None:
    click.echo("\nBilim ID is ready.\n")
    click.echo(f"  {'sign-in':10} {addresses.idp}")
    for name in home.clients():
        click.echo(f"  {name:10} {addresses.of(name)}")
    click.echo("\n  Demo accounts (made-up people):\n")
    for username, password in home.accounts().items():
        click.echo(f"  {username:10} {password}")
    click.echo("\n  With an ЭЦҚ: choose the key of the NCALayer stand-in at")
    click.echo(f"  {addresses.of('ncalayer')}/")
    click.echo("  or sign with a pretended phone: idp dev phone 'LINK OF THE PAGE' --key saule")
    click.echo("\n  Ctrl+C stops everything.")
