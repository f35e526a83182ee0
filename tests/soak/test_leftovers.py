"""A test run leaves nothing behind: no file, no process, not even when it is killed itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from tests.fakes.deadline import wait_until
from tests.fakes.source import ROOT

pytestmark = pytest.mark.soak
_MARK = "LEFTOVERS_OF"
"""Not `BILIM_…` nor `IDP_…`: those do not reach the servers that tests start."""
_RUN_SECONDS = 600
_END_SECONDS = 60


@contextmanager
def _run(folder: Path, *tests: str) -> Iterator[subprocess.Popen[bytes]]:
    """A test run of its own, with its temporary files in `folder`; every process of it carries our mark."""
    temporary = folder / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={folder / 'pytest'}", *tests]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    with (folder / "log").open("wb") as log:
        run = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment | {"TMPDIR": str(temporary), _MARK: str(folder)},
            stdout=log,
            stderr=log,
        )
    try:
        yield run
    finally:
        run.kill()
        run.wait()


def _processes(folder: Path) -> list[str]:
    """What still runs of it. Everything inherits the environment, so nothing can hide."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if _is_of(process.environ(), folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


def _is_of(environment: Mapping[str, str], folder: Path) -> bool:
    return environment.get(_MARK) == str(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not `tmp_path`, which only its owner may enter: PostgreSQL runs as somebody else."""
    with TemporaryDirectory(prefix="bilim-id-leftovers-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_servers_races_and_kills_leave_neither_file_nor_process(folder: Path) -> None:
    with _run(folder, "tests/chaos/test_servers.py", "tests/chaos/test_kill.py") as run:
        assert run.wait(_RUN_SECONDS) == 0, (folder / "log").read_text()
    assert _processes(folder) == []
    assert list((folder / "tmp").iterdir()) == []


def test_a_killed_run_takes_its_servers_and_databases_along(folder: Path) -> None:
    with _run(folder, "-k", "postgres", "tests/chaos/test_races.py") as run:
        log = folder / "log"
        wait_until(
            lambda: any("idp.cli serve" in one for one in _processes(folder)), seconds=_RUN_SECONDS, why=log.read_text
        )
        run.kill()
    wait_until(lambda: not _processes(folder), seconds=_END_SECONDS, why=lambda: str(_processes(folder)))
