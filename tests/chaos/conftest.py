"""One running IdP of four processes for all races of a file, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import live
from tests.factories.live import Live
from tests.fakes.databases import PostgresServer
from tests.fakes.servers import running_idp

_WORKERS = 4


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shared_database_url(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A migrated database that the tests of one file share."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("shared") / "bilim-id.sqlite3"
        shutil.copyfile(sqlite_template, path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.copy("bilim_template") as url:
        yield url


@pytest.fixture(scope="module")
def four_processes(shared_database_url: str) -> Iterator[Live]:
    """Behind a trusted proxy, so that a test may say where a request comes from."""
    with (
        running_idp(shared_database_url, workers=_WORKERS, env={"IDP_TRUSTED_PROXIES": "1"}) as idp,
        live.on(idp) as made,
    ):
        yield made
