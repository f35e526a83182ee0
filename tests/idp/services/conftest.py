"""Houses on a database of the test's own: with a school where documents are signed, with citizens who sign in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core.clock import FixedClock
from idp.parts import build
from idp.settings import Settings
from idp.store.session import UnitOfWork
from tests.factories.citizens import Citizens, house
from tests.factories.consent_ground import ConsentGround
from tests.factories.consent_ground import consent_ground as consent_house
from tests.factories.console import Console
from tests.factories.factor_ground import FactorGround, factor_house
from tests.factories.saml_federation import Federation, federation
from tests.factories.signing_ground import SigningGround


@pytest.fixture
def signing_ground(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[SigningGround]:
    settings = Settings(database_url=database_url, keys_dir=tmp_path, secret_file=tmp_path / "master.key", env="dev")
    make_master_key(settings.secret_file)
    parts = build(settings, clock)
    parts.keys.init()
    yield SigningGround(parts, clock)
    parts.engine.dispose()


@pytest.fixture
def citizens(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Citizens]:
    """No password is asked for beside an ЭЦҚ here."""
    with house(database_url, tmp_path, clock, eds_second_factor=()) as parts:
        yield Citizens(parts, clock)


@pytest.fixture
def strict(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Citizens]:
    """A password is asked for of staff, and beside a key in a file."""
    with house(database_url, tmp_path, clock, eds_second_factor=("staff", "file")) as parts:
        yield Citizens(parts, clock)


@pytest.fixture
def console(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Console]:
    """A district with two schools and somebody in every role."""
    settings = Settings(database_url=database_url, keys_dir=tmp_path, secret_file=tmp_path / "master.key", env="dev")
    make_master_key(settings.secret_file)
    parts = build(settings, clock)
    parts.keys.init()
    parts.engine.dispose()
    app = create_app(settings, clock)
    yield Console(app, app.extensions["parts"], clock)
    app.extensions["parts"].engine.dispose()


@pytest.fixture
def consent_ground(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[ConsentGround]:
    """A school that asks for consents."""
    with consent_house(database_url, tmp_path, clock) as ground:
        yield ground


@pytest.fixture
def ground(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[FactorGround]:
    """People with second factors, in a house that can send mail."""
    with factor_house(database_url, tmp_path, clock) as made:
        yield made


@pytest.fixture
def fed(uow: UnitOfWork, clock: FixedClock) -> Iterator[Federation]:
    """A federation on loopback, and what we keep of it."""
    with federation(uow, clock) as made:
        yield made
