"""A running IdP with one person, for clients that we did not write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.running import Provider, running_provider


@pytest.fixture(scope="session")
def provider(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """One server of this test process; every test registers a client of its own."""
    database = tmp_path_factory.mktemp("interop") / "idp.sqlite3"
    shutil.copyfile(sqlite_template, database)
    with running_provider(f"sqlite:///{database}") as running:
        yield running
