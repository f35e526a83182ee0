"""What a region costs: imported, searched, moved into the next school year. Figures and the memory of this process.

`python -m tests.bench.region PEOPLE SCHOOLS [DATABASE_URL]` prints JSON; without an address on a new SQLite file.
People are made up and go in by the ordinary import. Searching is what the console does, with its counts and classes: as
an operator over the whole region, and at one school. Wall time is of a machine with whatever else runs on it.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from idp.cli.keys import make_master_key
from idp.core.clock import FixedClock
from idp.core.scope import Scope
from idp.oneroster.writer import bundle_writer
from idp.parts import Parts, build
from idp.services import scope as scopes
from idp.services.listing import Asked
from idp.services.region import Region
from idp.settings import Settings
from idp.store import reach
from idp.store.migrations import upgrade

_TYPED = ("Серік", "serikov", "Оспанова", "Әбді", "нұр", "Ахметова Айгерім", "ким")
_ROUNDS = 5
_JUNE = datetime(2027, 6, 10, 6, 0, tzinfo=UTC)


def measured(people: int, schools: int, url: str, folder: Path) -> dict[str, Any]:
    clock = FixedClock()
    settings = Settings(database_url=url, keys_dir=folder, secret_file=folder / "master.key", env="dev")
    make_master_key(settings.secret_file)
    parts = build(settings, clock)
    upgrade(parts.engine)
    parts.keys.init()
    bundle = folder / "bundle"
    bundle.mkdir()
    with bundle_writer(bundle) as writer:
        Region(writer, people=people, schools=schools, seed=456).write(lambda _step, _count: None)
    found: dict[str, Any] = {"people": people, "schools": schools}
    memory_before = _memory()
    found["import_s"], report = _timed(lambda: parts.rosters.import_path(bundle))
    found["memory_import_mib"] = _memory()
    with parts.uow.read() as tx:
        everything = scopes.of_actor("", "operator", tuple(reach.below(tx, report.source)))
    found["search_region_ms"], found["found_region"] = _searches(parts, everything, everywhere=True)
    school = max(everything.schools)
    found["search_school_ms"], found["found_school"] = _searches(
        parts, scopes.of_actor("", "director", (school,)), everywhere=False
    )
    clock.moment = _JUNE
    found["promote_s"], found["promoted"] = _timed(lambda: parts.years.promote_many(everything, ""))
    found["memory_begin_mib"], found["memory_mib"] = memory_before, _memory()
    parts.engine.dispose()
    return found


def _searches(parts: Parts, scope: Scope, *, everywhere: bool) -> tuple[dict[str, float], dict[str, int]]:
    """Milliseconds of each search (middle of the rounds), and how many it found."""
    lists = parts.people_lists
    look = lists.everywhere if everywhere else lists.of_school
    times, counts = {}, {}
    for typed in _TYPED:
        rounds = []
        for _ in range(_ROUNDS):
            took, found = _timed(lambda typed=typed: look(scope, Asked(words=typed)))  # type: ignore[misc]
            rounds.append(took * 1000)
        times[typed], counts[typed] = round(median(rounds), 2), found.total
    return times, counts


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    result = act()
    return round(time.perf_counter() - begin, 4), result


def _memory() -> int:
    """The most this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def markdown(found: dict[str, Any]) -> str:
    search = max(found["search_region_ms"].values()), max(found["search_school_ms"].values())
    rows = [
        ("import", f"{found['import_s']:.0f} s"),
        ("slowest search over the region", f"{search[0]:.1f} ms"),
        ("slowest search in a school", f"{search[1]:.1f} ms"),
        ("a year's move of every school", f"{found['promote_s']:.0f} s"),
        ("most memory held", f"{found['memory_mib']} MiB"),
    ]
    title = f"A region of {found['schools']} schools and {found['people']:,} people".replace(",", " ")
    return "\n".join([f"| {title} | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def main() -> None:
    people, schools = int(sys.argv[1]), int(sys.argv[2])
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="bilim-bench-region-") as folder:
        url = sys.argv[3] if len(sys.argv) > 3 else f"sqlite:///{folder}/region.sqlite3"
        found = measured(people, schools, url, Path(folder))
    print(json.dumps(found, ensure_ascii=False))  # noqa: T201 the result


if __name__ == "__main__":
    main()
