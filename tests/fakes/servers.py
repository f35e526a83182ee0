"""The IdP and its clients as real processes, for tests that need sockets, several workers, or a kill.

Every server listens on loopback, runs in a process group of its own, and is gone when its `with` block ends; when the
test run itself is killed, the kernel ends it (`setpriv --pdeathsig`).

    with running_idp(database_url, workers=4) as idp:
        requests.get(f"{idp.url}/readyz")
        idp.kill()      # kill -9 of every worker
        idp.start()     # the same address, keys and database
    with running_dev(tmp_path) as dev:   # the demo school, the IdP, its worker and every client
        dev.urls["cabinet"], dev.accounts["aigerim"]
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from tests.fakes.databases import free_port
from tests.fakes.source import ROOT

_READY_SECONDS = 60
_STOP_SECONDS = 30


@dataclass
class Program:
    """One `python -m` process and all its children."""

    arguments: list[str]
    environment: Mapping[str, str]
    log: Path
    url: str = ""
    ready_path: str = ""
    ca: Path | None = None
    """Who vouches for it when it speaks https."""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Returns when it answers at `ready_path`. Raises AssertionError with its log when it does not."""
        guard = ["setpriv", "--pdeathsig=TERM"] if shutil.which("setpriv") else []
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("IDP_", "BILIM_"))}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*guard, sys.executable, "-m", *self.arguments],
                env=inherited | dict(self.environment),
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + _READY_SECONDS
        while self.ready_path and not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{self.arguments} did not become ready:\n{self.text()}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return (
                requests.get(
                    self.url + self.ready_path, timeout=2, verify=str(self.ca) if self.ca else True
                ).status_code
                == 200
            )
        except requests.RequestException:
            return False

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """A graceful stop; returns the exit code. Raises AssertionError when it does not end in time."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"{self.arguments} did not stop:\n{self.text()}") from None
        self.kill()
        return self._process.returncode

    def kill(self) -> None:
        """`kill -9` of the process and of every child it has."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def text(self) -> str:
        """What it wrote to standard output and error."""
        return self.log.read_text(errors="replace")

    def __enter__(self) -> Program:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill() if _error[0] else self.stop()


def prepare_idp(environment: Mapping[str, str]) -> None:
    """Makes the master key and every stored key of an IdP on a migrated database."""
    from idp.cli.keys import make_master_key
    from idp.parts import build
    from idp.settings import Settings

    settings = Settings.from_env(environment)
    make_master_key(settings.secret_file)
    parts = build(settings)
    parts.keys.init()
    parts.engine.dispose()


@contextmanager
def running_idp(
    database_url: str,
    *,
    workers: int = 1,
    host: str = "127.0.0.1",
    env: Mapping[str, str] | None = None,
    keys: Path | None = None,
) -> Iterator[Program]:
    """`idp serve` on a migrated database; `env` adds to its environment.

    The keys in the database are sealed by a master key: a second IdP on the same database needs the first one's `keys`.
    """
    with TemporaryDirectory(prefix="bilim-id-idp-") as name:
        folder = Path(name)
        keys = keys or folder
        bind = f"{host}:{free_port()}"
        environment = {
            "IDP_ENV": "dev",
            "IDP_ISSUER": f"http://{bind}",
            "IDP_DATABASE_URL": database_url,
            "IDP_KEYS_DIR": str(keys),
            "IDP_SECRET_FILE": str(keys / "master.key"),
            "TMPDIR": name,
            **(env or {}),
        }
        prepare_idp(environment)
        serve = ["idp.cli", "serve", "--bind", bind, "--workers", str(workers)]
        with Program(serve, environment, folder / "log", environment["IDP_ISSUER"], "/readyz") as program:
            yield program


@contextmanager
def running_worker(idp: Program) -> Iterator[Program]:
    """`idp worker` beside a running IdP."""
    with Program(["idp.cli", "worker"], idp.environment, idp.log.with_name("worker.log")) as program:
        yield program


@dataclass(frozen=True)
class Dev:
    """What `idp dev` started: addresses by name (`idp`, `cabinet`, …), demo passwords by username."""

    urls: dict[str, str]
    accounts: dict[str, str]
    program: Program


@contextmanager
def running_dev(
    folder: Path, *, hosts: Mapping[str, str] | None = None, database_url: str = "", workers: int = 1
) -> Iterator[Dev]:
    """`idp dev` in a folder of its own. `hosts` puts a part on another loopback address, so that no cookie is shared:
    `{"cabinet": "127.0.0.2", "textbooks": "127.0.0.3"}`."""
    from idp.cli.dev.addresses import DEFAULTS

    urls = {name: f"http://{(hosts or {}).get(name, '127.0.0.1')}:{free_port()}" for name in DEFAULTS}
    arguments = ["idp.cli", "dev", "--folder", str(folder / "demo"), "--workers", str(workers)]
    for name, url in urls.items():
        arguments += ["--address", f"{name}={url}"]
    if database_url:
        arguments += ["--database-url", database_url]
    with Program(arguments, {"TMPDIR": str(folder)}, folder / "dev.log", urls["idp"], "/readyz") as program:
        for name in _started_clients():
            _wait_for(urls[name], program)
        accounts = json.loads((folder / "demo" / "accounts.json").read_text())
        yield Dev(urls, accounts, program)


def _started_clients() -> list[str]:
    return [path.parent.name for path in (ROOT / "clients").glob("*/client.py")]


def _wait_for(url: str, program: Program) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        with suppress(requests.RequestException):
            if requests.get(f"{url}/healthz", timeout=2).status_code == 200:
                return
        if not program.is_running() or time.monotonic() > deadline:
            raise AssertionError(f"{url} did not become ready:\n{program.text()}")
        time.sleep(0.05)
