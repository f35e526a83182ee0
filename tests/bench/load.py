"""The load: virtual users, each a process of its own, each starting its next operation when the last one ended."""

from __future__ import annotations

import multiprocessing
import signal
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests.bench.walks import PATHS, Visitor
from tests.bench.wire import Socket

_ANSWER_SECONDS = 180
_context = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Burst:
    """What one run of all users together gave. Latencies are of operations that succeeded, in ms, sorted."""

    latencies: Sequence[float]
    failures: Counter[str]
    cpu_seconds: float
    """What the users themselves took: it competes for the cores, and is not the server's."""

    @property
    def operations(self) -> int:
        return len(self.latencies)


class Crew:
    """A fixed number of users of one server."""

    def __init__(self, port: int, size: int) -> None:
        self._lines: list[Connection] = []
        self._processes = []
        for number in range(size):
            ours, theirs = _context.Pipe()
            process = _context.Process(target=_user, args=(theirs, port, number), daemon=True)
            process.start()
            theirs.close()
            self._lines.append(ours)
            self._processes.append(process)

    def prepare(self, path: str) -> None:
        """Brings every user to where the path begins, and walks it once. Raises RuntimeError with what failed."""
        self._ask(("prepare", path))

    def run(self, path: str, seconds: float) -> Burst:
        answers = self._ask(("run", path, seconds))
        latencies = sorted(value for one in answers for value in one[0])
        failures: Counter[str] = Counter()
        for one in answers:
            failures.update(one[1])
        return Burst(latencies, failures, sum(one[2] for one in answers))

    def close(self) -> None:
        for line in self._lines:
            line.close()
        for process in self._processes:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()

    def _ask(self, message: tuple[Any, ...]) -> list[Any]:
        for line in self._lines:
            line.send(message)
        answers = []
        for line in self._lines:
            if not line.poll(_ANSWER_SECONDS):
                raise RuntimeError(f"no answer to {message}")
            answers.append(line.recv())
        troubles = [one for one in answers if isinstance(one, str)]
        if troubles:
            raise RuntimeError(troubles[0])
        return answers


def _user(line: Connection, port: int, number: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wire = Socket("127.0.0.1", port)
    visitors: dict[str, Visitor] = {}
    while True:
        try:
            message = line.recv()
        except EOFError:
            return
        path = PATHS[message[1]]
        try:
            if message[0] == "prepare":
                visitors[path.name] = Visitor(wire, number)
                path.prepare(visitors[path.name])
                path.run(visitors[path.name])
                line.send(None)
            else:
                line.send(_run(visitors[path.name], message[1], message[2]))
        except Exception as error:
            line.send(f"{path.name}: {type(error).__name__}: {error}")


def _run(visitor: Visitor, name: str, seconds: float) -> tuple[array[float], Counter[str], float]:
    path = PATHS[name]
    latencies, failures = array("d"), Counter[str]()
    cpu = time.process_time()
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        try:
            path.run(visitor)
        except Exception as error:
            failures[f"{type(error).__name__}: {error}"[:200]] += 1
            if sum(failures.values()) > 20:
                break
            path.prepare(visitor)
        else:
            latencies.append((time.perf_counter() - began) * 1000)
    return latencies, failures, time.process_time() - cpu
