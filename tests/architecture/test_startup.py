"""What starting costs: heavy libraries are imported where they are first used, not by every server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.servers import prepare_idp
from tests.fakes.source import ROOT

_HEAVY = {
    *("alembic", "authlib", "defusedxml", "fpdf", "granian", "gunicorn", "lxml", "numpy", "openpyxl", "PIL"),
    *("pydantic", "pytest", "xlsxwriter", "xmlsec", "zxcvbn"),
}
_PROGRAM = """
import json, os, sys
from idp.app import create_app
from idp.settings import Settings
create_app(Settings.from_env(os.environ))
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_the_app_loads_no_heavy_library(sqlite_url: str, tmp_path: Path) -> None:
    environment = {
        "IDP_ENV": "dev",
        "IDP_DATABASE_URL": sqlite_url,
        "IDP_KEYS_DIR": str(tmp_path),
        "IDP_SECRET_FILE": str(tmp_path / "master.key"),
    }
    prepare_idp(environment)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env=os.environ | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "flask" in loaded
    assert sorted(loaded & _HEAVY) == []
