"""The benchmark itself: every path runs on the server and on its floor without a failure. Figures are not looked at."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.bench.processes import ROOT
from tests.bench.walks import PATHS

_ON_A_SERVER = pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.soak])


@pytest.mark.parametrize("database", ["sqlite", _ON_A_SERVER])
def test_every_path_runs_on_server_and_floor(database: str) -> None:
    arguments = ["--json", "--rounds", "1", "--seconds", "0.2", "--users", "2", "--starts", "1", "--database", database]
    arguments += ["--people", "300"]
    is_whole = database == "sqlite"  # Signatures and the region have a database of their own.
    paths = list(PATHS) if is_whole else ["refresh", "sso"]
    if not is_whole:
        arguments += ["--only", ",".join(paths)]
    done = subprocess.run([sys.executable, "-m", "tests.bench", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert [path["path"] for path in found["paths"]] == paths
    if is_whole:
        assert found["eds"]["cpu_ms"].keys() == {"default", "fallback", "gostcrypto", "sign_in"}
        assert found["saml"]["cpu_ms"].keys() == {"bare", "plain", "encrypted"}
        assert found["region"]["promoted"]["raised"] > 0
        assert found["region"]["memory_mib"] < 500
    for path in found["paths"]:
        for side in ("real", "floor"):
            assert path[side][0]["operations"] > 0, path["path"]
            assert not path[side][0]["failures"], path["path"]
