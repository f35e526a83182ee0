"""Programs of the machine that tests need. With `CI=true` a missing one is a failure, else a skip that says why."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def missing(reason: str) -> None:
    """Ends the test: fails it in CI, skips it elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason} (with CI=true nothing may be missing)", pytrace=False)
    pytest.skip(reason)


def program(*names: str) -> Path:
    """The first of these programs that is installed; ends the test when none is."""
    for name in names:
        found = shutil.which(name)
        if found:
            return Path(found)
    missing(f"none of {', '.join(names)} is installed: run `make test`")
    raise AssertionError
