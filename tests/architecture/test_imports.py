"""Who may import whom (`tool.importlinter` in pyproject.toml), and that every room is named there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fakes.source import ROOT


def test_the_import_rules_hold() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
