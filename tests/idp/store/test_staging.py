"""The scratch table: private, on disk, gone at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from idp.services.roster_stage import open_staging
from idp.store.staging import Staging


def test_it_has_no_file_that_others_could_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    staging = open_staging()
    for start in range(0, 60_000, 5000):
        rows = ((f"u{n}", n, 0, *("x" * 100 for _ in range(10)), "digest") for n in range(start, start + 5000))
        staging.add("users", rows)
    assert staging.count("users") == 60_000
    assert list(tmp_path.iterdir()) == []
    staging.close()


def test_known_targets_matches_and_endings() -> None:
    staging = Staging({"users": ("sourced_id", "line", "ended", "user", "iin"), "roles": ("sourced_id", "user"),
                       "agents": ("sourced_id",)})  # fmt: skip
    staging.add_known([("users", "p", "target", "d", 0)])
    assert staging.known_target("users", "p") == "target"
    assert staging.known_target("users", "q") is None
    assert staging.add_endings("roles", [("t1", "a"), ("t1", "b"), ("t2", "c")]) == 2
    staging.close()
