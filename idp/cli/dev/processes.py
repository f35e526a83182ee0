"""Child processes of `idp dev`: started, waited for, always stopped."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from idp.core.clock import monotonic

if TYPE_CHECKING:
    from idp.cli.dev.folder import Folder

_READY_SECONDS = 30
_STOP_SECONDS = 10


class Processes:
    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start_idp(self, home: Folder, workers: int) -> None:
        arguments = ["serve", "--bind", home.addresses.bind("idp"), "--workers", str(workers)]
        self._start("idp", ["idp.cli", *arguments], home.idp_environment())

    def start_worker(self, home: Folder) -> None:
        self._start("worker", ["idp.cli", "worker"], home.idp_environment())

    def start_client(self, home: Folder, name: str) -> None:
        arguments = [name, "serve", "--bind", home.addresses.bind(name)]
        self._start(name, ["clients.cli", *arguments], home.client_environment(name))

    def start_stand_ins(self, home: Folder) -> None:
        arguments = ["dev", "stand-ins", "--folder", str(home.path)]
        for name in ("idp", "ncalayer", "nca"):
            arguments += ["--address", f"{name}={home.addresses.of(name)}"]
        self._start("stand-ins", ["idp.cli", *arguments], {"IDP_ENV": "dev"})

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self._running[name] = subprocess.Popen(
            [sys.executable, "-m", *command], env=os.environ | environment, start_new_session=True
        )

    def wait_ready(self, url: str, stop: threading.Event) -> None:
        """Until the address answers 200, or somebody stops us; a part that died or stays silent is an error."""
        began = monotonic()
        while not stop.is_set():
            if name := self.died():
                raise click.ClickException(f"{name} did not start; its log is above")
            if _answers(url):
                return
            if monotonic() - began > _READY_SECONDS:
                raise click.ClickException(f"{url} did not become ready")
            stop.wait(0.05)

    def died(self) -> str:
        """The name of a part that has ended, or an empty string."""
        return next((name for name, process in self._running.items() if process.poll() is not None), "")


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
