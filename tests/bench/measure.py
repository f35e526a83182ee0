"""Runs one path on server and floor in turn and keeps what each round cost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.bench.load import Crew
from tests.bench.processes import ROOT, Memory, Running, machine_seconds
from tests.bench.walks import Path

_WARM_SECONDS = 0.4
_SAMPLE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one path. Times of operations in ms; cores are CPU seconds per second."""

    operations: int
    per_second: float
    cpu_ms: float
    p50: float
    p95: float
    p99: float
    memory: Memory
    server_cores: float
    load_cores: float
    other_cores: float
    failures: Counter[str]


@dataclass(slots=True)
class Measured:
    """All rounds of one path."""

    path: Path
    real: list[Sample] = field(default_factory=list)
    floor: list[Sample] = field(default_factory=list)
    bare_hash: list[float] = field(default_factory=list)
    """CPU ms of one argon2id hash, by round; empty for paths without a password."""

    @property
    def ratios(self) -> list[float]:
        """CPU per operation of the server over its floor's, round by round."""
        return [real.cpu_ms / floor.cpu_ms for real, floor in zip(self.real, self.floor, strict=True)]

    @property
    def hash_ratios(self) -> list[float]:
        """CPU per operation of the server over that of the bare hash, round by round."""
        return [real.cpu_ms / bare for real, bare in zip(self.real, self.bare_hash, strict=True)]

    def middle(self, samples: Sequence[Sample], name: str) -> float:
        """The median over the rounds of one figure."""
        return float(median(getattr(sample, name) for sample in samples))


class Participant:
    """A server and its crew of users."""

    def __init__(self, server: Running, users: int) -> None:
        self.server = server
        self.crew = Crew(server.port, users)

    def sample(self, path: Path, seconds: float) -> Sample:
        self.crew.run(path.name, _WARM_SECONDS)
        watch = _Watch(self.server)
        cpu, busy, began = self.server.cpu_seconds(), machine_seconds(), time.perf_counter()
        burst = self.crew.run(path.name, seconds)
        wall = time.perf_counter() - began
        cpu, busy = self.server.cpu_seconds() - cpu, machine_seconds() - busy
        memory = watch.stop()
        if not burst.operations:
            raise RuntimeError(f"{path.name}: nothing succeeded: {burst.failures.most_common(3)}")
        return Sample(
            burst.operations,
            burst.operations / wall,
            cpu * 1000 / (burst.operations + sum(burst.failures.values())),
            _percentile(burst.latencies, 0.5),
            _percentile(burst.latencies, 0.95),
            _percentile(burst.latencies, 0.99),
            memory,
            cpu / wall,
            burst.cpu_seconds / wall,
            max(0.0, busy - cpu - burst.cpu_seconds) / wall,
            burst.failures,
        )


class _Watch(threading.Thread):
    """The largest memory seen while a run lasts."""

    def __init__(self, server: Running) -> None:
        super().__init__(daemon=True)
        self._server = server
        self._over = threading.Event()
        self._peak = server.memory()
        self.start()

    def run(self) -> None:
        while not self._over.wait(_SAMPLE_SECONDS):
            self._peak = max(self._peak, self._server.memory(), key=lambda memory: memory.tree)

    def stop(self) -> Memory:
        self._over.set()
        self.join()
        return self._peak


def measure(path: Path, real: Participant, floor: Participant, *, rounds: int, seconds: float) -> Measured:
    """Server and floor take turns, and every second round begins with the other one, so that drift cancels."""
    measured = Measured(path)
    for participant in (real, floor):
        participant.crew.prepare(path.name)
    for number in range(rounds):
        turns = [(measured.real, real), (measured.floor, floor)]
        for samples, participant in turns if number % 2 == 0 else reversed(turns):
            samples.append(participant.sample(path, seconds))
        if path.hashes_a_password:
            measured.bare_hash.append(_bare_hash(seconds))
    return measured


def _bare_hash(seconds: float) -> float:
    command = [sys.executable, "-m", "tests.bench.bare_hash", str(seconds)]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def _percentile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
