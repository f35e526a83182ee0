"""`make bench`: starts the server and its floor on loopback, measures them in turn, prints a table."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import report
from tests.bench.databases import databases
from tests.bench.measure import Participant, measure
from tests.bench.prepare import environment, prepare
from tests.bench.processes import ROOT, floor_command, real_command, running, start
from tests.bench.walks import DISCOVERY, PATHS
from tests.fakes.databases import free_port

EDS = "eds"
"""Not a path of its own beside a floor: signatures are compared with one bare verification."""
_EDS_TURNS_A_ROUND = 20
SAML = "saml"
"""Compared with one bare signature, likewise."""
_SAML_TURNS_A_ROUND = 60
REGION = "region"
"""Not a path either: an import, searches and a year's move, in a process whose memory is looked at."""
_PEOPLE_OF_A_SCHOOL = 1000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--json", nargs="?", const="-", metavar="FILE", help="every round as JSON, instead of the table"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default 5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each turn (default 2)")
    parser.add_argument("--users", type=int, default=4, help="at once, each a connection of its own (default 4)")
    parser.add_argument("--starts", type=int, default=5, help="of the server, to time them (default 5)")
    parser.add_argument("--database", default="sqlite", help="sqlite (default), postgresql, or an empty database's URL")
    parser.add_argument("--people", type=int, default=200_000, help="of the region, a thousand a school")
    everything = (*PATHS, EDS, SAML, REGION)
    parser.add_argument("--only", default=",".join(everything), metavar="PATH,…", help=f"of {', '.join(everything)}")
    given = parser.parse_args()
    unknown = set(given.only.split(",")) - set(everything)
    if unknown:
        parser.error(f"no such path: {', '.join(sorted(unknown))}")
    return given


def bench(given: argparse.Namespace, folder: Path) -> report.Run:
    """Prepares, starts, measures. Progress goes to standard error."""
    real_port, floor_port = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(databases(given.database, folder))
        environs = {}
        for name, port, url in (("real", real_port, store.real), ("floor", floor_port, store.floor)):
            environs[name] = environment(folder / name, url, f"http://127.0.0.1:{port}")
            if name == "real" or store.floor != store.real:
                _say(f"preparing the {name} database")
                with _quiet():
                    prepare(folder / name, url, f"http://127.0.0.1:{port}")
            else:
                environs[name] |= {key: environs["real"][key] for key in ("IDP_KEYS_DIR", "IDP_SECRET_FILE")}
        server = (real_command(real_port), environs["real"], real_port, "/readyz", folder / "real.log", store.beside)
        started_in = []
        for _ in range(given.starts - 1):
            tried = start(*server)
            started_in.append(tried.started_in)
            tried.stop()
        real = Participant(stack.enter_context(running(*server)), given.users)
        started_in.append(real.server.started_in)
        idle = real.server.memory()
        _say(f"ready in {started_in[-1]:.2f} s; starting the floor")
        floor = Participant(
            stack.enter_context(
                running(
                    floor_command(floor_port),
                    environs["floor"],
                    floor_port,
                    DISCOVERY,
                    folder / "floor.log",
                    store.beside,
                )
            ),
            given.users,
        )
        stack.callback(floor.crew.close)
        stack.callback(real.crew.close)
        measured = []
        for name in dict.fromkeys(given.only.split(",")):
            if name in (EDS, SAML, REGION):
                continue
            found = measure(PATHS[name], real, floor, rounds=given.rounds, seconds=given.seconds)
            middle = found.middle
            _say(f"{name:20}{middle(found.real, 'cpu_ms'):8.3f} ms{middle(found.floor, 'cpu_ms'):8.3f} ms the floor")
            measured.append(found)
        signatures = _signatures(given.rounds) if EDS in given.only.split(",") else None
        saml = _saml(given.rounds, store.apart) if SAML in given.only.split(",") else None
        region = _region(given.people) if REGION in given.only.split(",") else None
        return report.Run(
            store.title, given.rounds, given.seconds, given.users, started_in, idle, measured, signatures, saml, region
        )


def _signatures(rounds: int) -> dict[str, Any]:
    found = _apart("tests.bench.eds", str(rounds * _EDS_TURNS_A_ROUND))
    _say(f"{'eds':20}{found['cpu_ms']['sign_in']:8.3f} ms{found['cpu_ms']['default']:8.3f} ms one verification")
    return found


def _saml(rounds: int, url: str) -> dict[str, Any]:
    found = _apart("tests.bench.saml", str(rounds * _SAML_TURNS_A_ROUND), url)
    _say(f"{'saml':20}{found['cpu_ms']['plain']:8.3f} ms{found['cpu_ms']['bare']:8.3f} ms one bare signature")
    return found


def _region(people: int) -> dict[str, Any]:
    """On SQLite in a folder of its own, whatever the paths ran on."""
    found = _apart("tests.bench.region", str(people), str(max(1, people // _PEOPLE_OF_A_SCHOOL)))
    _say(f"{'region':20}{found['import_s']:8.1f} s the import{found['memory_mib']:8d} MiB")
    return found


def _apart(module: str, *arguments: str) -> dict[str, Any]:
    """In a process of its own: this one holds the load's connections and threads."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="bilim-bench-") as folder:
        try:
            run = bench(given, Path(folder))
        except RuntimeError:
            for log in Path(folder).glob("*.log"):
                _say(f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}")
            raise
    if given.json == "-":
        print(json.dumps(report.as_json(run), indent=1))  # noqa: T201 the result
        return
    if given.json:
        Path(given.json).write_text(json.dumps(report.as_json(run), indent=1), encoding="utf-8")
    print(report.markdown(run))  # noqa: T201 the result


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the log lines of preparation."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 progress


if __name__ == "__main__":
    main()
