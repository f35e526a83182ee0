"""The two clients, each beside a provider of its own, on SQLite; `client_database` gives either kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import clients.cabinet
import clients.textbooks
from clients.kit import tables
from clients.kit.db import Database
from clients.kit.testing import WsgiTransport, client_settings
from clients.textbooks import store
from idp.core.clock import FixedClock
from tests.fakes.client_browser import World
from tests.fakes.openid_provider import OpenIdProvider


@pytest.fixture
def clock() -> FixedClock:
    """Stands at the present: Authlib compares an ID token with the machine's clock."""
    return FixedClock(datetime.now(UTC))


@pytest.fixture
def provider(clock: FixedClock) -> OpenIdProvider:
    return OpenIdProvider(clock)


@pytest.fixture
def cabinet(provider: OpenIdProvider, clock: FixedClock, tmp_path: Path) -> World:
    transport = WsgiTransport(provider.app)
    app = clients.cabinet.create_app(client_settings("cabinet", tmp_path), clock=clock, transport=transport)
    return World(app, provider, transport)


@pytest.fixture
def textbooks(provider: OpenIdProvider, clock: FixedClock, tmp_path: Path) -> World:
    transport = WsgiTransport(provider.app)
    app = clients.textbooks.create_app(client_settings("textbooks", tmp_path), clock=clock, transport=transport)
    return World(app, provider, transport)


@pytest.fixture
def client_database(empty_database_url: str, clock: FixedClock) -> Iterator[Database]:
    """A client's database, once on SQLite and once on PostgreSQL, with every table of the reader."""
    database = Database(empty_database_url, [*tables.MIGRATIONS, *store.MIGRATIONS], clock)
    database.upgrade()
    yield database
    database.engine.dispose()
