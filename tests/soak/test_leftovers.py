"""A test run leaves nothing behind: no file, no process, not even when it is killed itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.fakes.deadline import wait_until
from tests.fakes.source import ROOT

pytestmark = pytest.mark.soak
_MARK = "BILIM_TEST_LEFTOVERS"
_RUN_SECONDS = 600
_END_SECONDS = 60


@contextmanager
def _run(folder: Path, *tests: str) -> Iterator[subprocess.Popen[bytes]]:
    """A test run of its own, with its temporary files in `folder`; every process of it carries our mark."""
    temporary = folder / "tmp"
    temporary.mkdir()
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


def test_servers_races_and_kills_leave_neither_file_nor_process(tmp_path: Path) -> None:
    with _run(tmp_path, "tests/chaos/test_servers.py", "tests/chaos/test_kill.py") as run:
        assert run.wait(_RUN_SECONDS) == 0, (tmp_path / "log").read_text()
    assert _processes(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_killed_run_takes_its_servers_and_databases_along(tmp_path: Path) -> None:
    with _run(tmp_path, "tests/chaos/test_races.py") as run:
        log = tmp_path / "log"
        wait_until(
            lambda: any("idp.cli serve" in one for one in _processes(tmp_path)), seconds=_RUN_SECONDS, why=log.read_text
        )
        run.kill()
    wait_until(lambda: not _processes(tmp_path), seconds=_END_SECONDS, why=lambda: str(_processes(tmp_path)))
