"""Starts what is measured and reads from the kernel what it costs: the whole process tree, and the database's."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench.wire import Socket, WireError

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MiB. `tree` counts shared pages once per process; `worker` is the largest process."""

    tree: float
    worker: float


class Running:
    """A server's process group, with the processes beside it (a database) whose CPU counts too."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, beside: Sequence[int], started_in: float) -> None:
        self.process = process
        self.port = port
        self.beside = tuple(beside)
        self.started_in = started_in
        """Seconds from exec to the first 200."""

    def cpu_seconds(self) -> float:
        """User and system time of the trees so far, children that ended included."""
        return sum(_cpu(one) for root in (self.process.pid, *self.beside) for one in _tree(root))

    def memory(self) -> Memory:
        sizes = [one.memory_info().rss / _MIB for one in _tree(self.process.pid)]
        return Memory(sum(sizes), max(sizes, default=0.0))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            for one in _tree(self.process.pid):
                one.kill()
            self.process.wait()


def machine_seconds() -> float:
    """Time that all cores of the machine were busy, whoever kept them."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0))


def _tree(root: int) -> list[psutil.Process]:
    try:
        top = psutil.Process(root)
        return [top, *top.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _cpu(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0


def start(
    command: Sequence[str], environ: Mapping[str, str], port: int, ready: str, log: Path, beside: Sequence[int] = ()
) -> Running:
    """Starts a server and waits until `ready` answers 200. Raises RuntimeError with the end of its log."""
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    while not _answers(port, ready):
        if process.poll() is not None or time.perf_counter() - began > _START_SECONDS:
            process.kill()
            process.wait()
            raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.005)
    return Running(process, port, beside, time.perf_counter() - began)


def _answers(port: int, target: str) -> bool:
    wire = Socket("127.0.0.1", port)
    try:
        return wire.request("GET", target, {}).status == 200
    except (OSError, WireError):
        return False
    finally:
        wire.close()


@contextlib.contextmanager
def running(*arguments: object, **named: object) -> Iterator[Running]:
    """`start`, and `stop` at the end."""
    server = start(*arguments, **named)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.stop()


def real_command(port: int) -> list[str]:
    """The server as the operator starts it, one worker, its default number of threads."""
    return [sys.executable, "-m", "idp.cli", "serve", "--bind", f"127.0.0.1:{port}", "--workers", "1"]


def floor_command(port: int) -> list[str]:
    return [sys.executable, "-m", "tests.bench.floor", str(port)]
