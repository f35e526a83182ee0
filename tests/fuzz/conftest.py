"""The whole app in this process, on each database, with something of everything an attacker might aim at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.targets import Targets, build_targets


@pytest.fixture(
    params=[pytest.param("sqlite", marks=pytest.mark.soak), pytest.param("postgres", marks=pytest.mark.postgres)]
)
def database_kind(request: pytest.FixtureRequest) -> str:
    """PostgreSQL takes less of what is odd: no NUL, no lone surrogate, no number too large."""
    return str(request.param)


@pytest.fixture
def targets(database_url: str, tmp_path: Path) -> Iterator[Targets]:
    made = build_targets(database_url, tmp_path)
    yield made
    made.close()
