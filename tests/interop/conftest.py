"""A running IdP with one person, for clients and service providers that we did not write."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from idp.cli.saml import saml
from tests.factories.running import Provider, running_provider
from tests.interop.shibboleth_sp import Addresses

AddSp = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def shibboleth_at() -> Addresses:
    """Known before the IdP starts, which has to be allowed to reach them."""
    return Addresses.free()


@pytest.fixture(scope="session")
def provider(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, shibboleth_at: Addresses
) -> Iterator[Provider]:
    """One server of this test process; every test registers a client of its own."""
    database = tmp_path_factory.mktemp("interop") / "idp.sqlite3"
    shutil.copyfile(sqlite_template, database)
    reachable = {"IDP_FETCH_ALLOW": ",".join(shibboleth_at.hosts())}
    with running_provider(f"sqlite:///{database}", env=reachable) as running:
        yield running


@pytest.fixture(scope="session")
def add_sp(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> AddSp:
    """`idp saml add-sp` with metadata as its file; returns what was stored."""

    def add(metadata: str, *options: str) -> dict[str, Any]:
        file = tmp_path_factory.mktemp("metadata") / "sp.xml"
        file.write_text(metadata)
        command = ["add-sp", str(file), "--json", "--all-schools", *options]
        result = CliRunner().invoke(saml, command, obj=SimpleNamespace(parts=provider.parts))
        assert result.exit_code == 0, result.exception or result.output
        return dict(json.loads(result.output))

    return add
