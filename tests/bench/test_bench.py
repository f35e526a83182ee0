"""The benchmark itself: every path runs on the server and on its floor without a failure. Figures are not looked at."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.bench.processes import ROOT
from tests.bench.walks import PATHS

FEW = ("refresh", "sso", "password", "saml")
WHOLE = (*PATHS, "eds", "saml", "region")


@pytest.mark.parametrize(
    ("database", "chosen"),
    [
        ("sqlite", FEW),
        pytest.param("sqlite", WHOLE, marks=pytest.mark.soak),
        pytest.param("postgresql", FEW, marks=[pytest.mark.postgres, pytest.mark.soak]),
    ],
    ids=["sqlite", "sqlite-whole", "postgresql"],
)
def test_every_path_runs_on_server_and_floor(database: str, chosen: tuple[str, ...]) -> None:
    arguments = ["--json", "--rounds", "1", "--seconds", "0.2", "--users", "2", "--starts", "1", "--database", database]
    arguments += ["--people", "300", "--only", ",".join(chosen)]
    done = subprocess.run([sys.executable, "-m", "tests.bench", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert [path["path"] for path in found["paths"]] == [name for name in chosen if name in PATHS]
    assert found["saml"]["cpu_ms"].keys() == {"bare", "plain", "encrypted"}
    if chosen == WHOLE:
        assert found["eds"]["cpu_ms"].keys() == {"default", "fallback", "gostcrypto", "sign_in"}
        assert found["region"]["promoted"]["raised"] > 0
        assert found["region"]["memory_mib"] < 500
    for path in found["paths"]:
        for side in ("real", "floor"):
            assert path[side][0]["operations"] > 0, path["path"]
            assert not path[side][0]["failures"], path["path"]
