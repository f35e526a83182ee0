"""Figures as Markdown and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import eds, region, saml
from tests.bench.measure import Measured
from tests.bench.processes import Memory


@dataclass(frozen=True, slots=True)
class Run:
    """Everything one call of the benchmark found."""

    database: str
    rounds: int
    seconds: float
    users: int
    started_in: Sequence[float]
    idle: Memory
    measured: Sequence[Measured]
    signatures: dict[str, Any] | None
    """What `tests.bench.eds` found; None when it was not asked for."""
    saml: dict[str, Any] | None
    """What `tests.bench.saml` found; None likewise."""
    region: dict[str, Any] | None
    """What `tests.bench.region` found; None likewise."""


def markdown(run: Run) -> str:
    lines = [
        f"### {run.database}",
        "",
        f"{machine()}; {run.rounds} rounds of {run.seconds:g} s, {run.users} users, medians. "
        f"Ready {median(run.started_in):.2f} s after exec (median of {len(run.started_in)}); "
        f"idle: worker {run.idle.worker:.0f} MiB, with the process that watches it {run.idle.tree:.0f} MiB. "
        "Cores: those kept busy by server and database, by the load, by anything else.",
        "",
        "| path | ops/s | CPU ms | floor's | × floor | (rounds) | p50 ms | p95 | p99 | RSS MiB | cores |",
        "|---|---:|---:|---:|---:|---|---:|---:|---:|---:|---|",
    ]
    lines += [_line(measured) for measured in run.measured]
    hashed = [measured for measured in run.measured if measured.bare_hash]
    if hashed:
        lines += ["", "| path | CPU ms | bare argon2id | × bare hash | (rounds) |", "|---|---:|---:|---:|---|"]
        lines += [_hash_line(measured) for measured in hashed]
    if run.signatures:
        lines += ["", eds.markdown(run.signatures)]
    if run.saml:
        lines += ["", saml.markdown(run.saml)]
    if run.region:
        lines += ["", region.markdown(run.region)]
    failed = [(one.path.title, one.real, one.floor) for one in run.measured]
    for title, real, floor in failed:
        for side, samples in (("server", real), ("floor", floor)):
            for text, times in sum((sample.failures for sample in samples), start=type(samples[0].failures)()).items():
                lines.append(f"\n{title}, {side}: {times} × {text}")
    return "\n".join(lines)


def as_json(run: Run) -> dict[str, Any]:
    """Every round, beside the medians' sources."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "database": run.database,
        "rounds": run.rounds,
        "seconds": run.seconds,
        "users": run.users,
        "started_in_seconds": list(run.started_in),
        "idle_mib": asdict(run.idle),
        "paths": [
            {
                "path": one.path.name,
                "real": [asdict(sample) for sample in one.real],
                "floor": [asdict(sample) for sample in one.floor],
                "ratio": median(one.ratios),
                "ratios": one.ratios,
                "bare_hash_ms": one.bare_hash,
                "hash_ratio": median(one.hash_ratios) if one.bare_hash else None,
            }
            for one in run.measured
        ],
        "eds": run.signatures,
        "saml": run.saml,
        "region": run.region,
    }


def machine() -> str:
    """Processor, cores, system and Python, as the kernel names them."""
    names = [line.partition(":")[2].strip() for line in _read("/proc/cpuinfo") if line.startswith("model name")]
    systems = [
        line.partition("=")[2].strip('"') for line in _read("/etc/os-release") if line.startswith("PRETTY_NAME=")
    ]
    cores = len(os.sched_getaffinity(0))
    processor = names[0] if names else platform.machine()
    system = systems[0] if systems else platform.system()
    return f"{cores} cores of {processor}, {system}, Python {platform.python_version()}"


def _read(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def _line(one: Measured) -> str:
    def real(name: str) -> float:
        return one.middle(one.real, name)

    ratios = one.ratios
    memory = max(sample.memory.worker for sample in one.real)
    return (
        f"| {one.path.title} | {real('per_second'):,.0f} | {real('cpu_ms'):.2f} "
        f"| {one.middle(one.floor, 'cpu_ms'):.2f} | **{median(ratios):.2f}** | {min(ratios):.2f}–{max(ratios):.2f} "
        f"| {real('p50'):.1f} | {real('p95'):.1f} | {real('p99'):.1f} | {memory:.0f} "
        f"| {real('server_cores'):.2f}, {real('load_cores'):.2f}, {real('other_cores'):.2f} |"
    )


def _hash_line(one: Measured) -> str:
    ratios = one.hash_ratios
    return (
        f"| {one.path.title} | {one.middle(one.real, 'cpu_ms'):.2f} | {median(one.bare_hash):.2f} "
        f"| **{median(ratios):.2f}** | {min(ratios):.2f}–{max(ratios):.2f} |"
    )
