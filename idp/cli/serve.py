"""`idp serve`: the IdP on granian. Any other WSGI server may serve `wsgi:app` instead (docs/how-to/deploy.md)."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from pathlib import Path

import click

from idp.cli import Work


@click.command()
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 256), help="Processes; one a core.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="Threads in each.")
@click.option("--certfile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TLS chain in PEM.")
@click.option("--keyfile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TLS key in PEM.")
@click.pass_obj
def serve(work: Work, bind: str, workers: int, threads: int, certfile: Path | None, keyfile: Path | None) -> None:
    """Serve until stopped; running requests are finished first."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise click.UsageError("--bind must be ADDRESS:PORT")
    if bool(certfile) != bool(keyfile):
        raise click.UsageError("--certfile and --keyfile go together")
    trouble = work.parts.check_ready()
    if trouble:
        raise click.ClickException(f"not ready to serve: {trouble}")
    work.engine.dispose()
    os.register_at_fork(after_in_child=_end_at_once_when_told)
    with tempfile.TemporaryDirectory(prefix="bilim-metrics-") as metrics:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics
        Server(
            "idp.app:serve_app",
            address=host.strip("[]"),
            port=int(port),
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backlog=1024,
            factory=True,
            log_level=LogLevels.warning,
            ssl_cert=certfile,
            ssl_key=keyfile,
            respawn_failed_workers=True,
            workers_kill_timeout=20,
        ).serve()


def _end_at_once_when_told() -> None:
    """A new worker inherits the parent's handlers, which only note the signal: until it serves and has its own, a stop
    would be lost, and the parent would wait its whole grace for it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _check_free(host: str, port: int) -> None:
    """A taken port is said in one line instead of by the server's stack trace."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from error
