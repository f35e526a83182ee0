"""`idp worker`: the outbox and the jobs that run without a visitor."""

from __future__ import annotations

import signal

import click

from idp.cli import Work


@click.command()
@click.option("--once", is_flag=True, help="One round, then end.")
@click.pass_obj
def worker(work: Work, once: bool) -> None:
    """Send what waits in the outbox and run due jobs; any number of workers may run."""
    from idp.core import logs

    logs.configure(work.settings.log_format)
    loop = work.parts.worker()
    if once:
        click.echo(f"handled {loop.once()}")
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    loop.forever()
