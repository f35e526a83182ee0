"""The whole app on a database of the test's own, and one person who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp.app import create_app
from idp.cli.keys import make_master_key
from idp.core.clock import FixedClock
from idp.methods.password import hash_password
from idp.parts import Parts
from idp.settings import Settings
from idp.store import credentials
from tests.factories.citizens import Citizens, house
from tests.factories.rows import add_membership, add_person, add_school
from tests.fakes.browser import Browser

PASSWORD = "тау мен көл"
HASH = hash_password(PASSWORD)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.soak])])
def database_kind(request: pytest.FixtureRequest) -> str:
    """A door has no SQL of its own: services and flows are tested on both databases."""
    return str(request.param)


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    settings = Settings(database_url=database_url, keys_dir=tmp_path, secret_file=tmp_path / "master.key", env="dev")
    make_master_key(settings.secret_file)
    from idp.parts import build

    parts = build(settings, clock)
    parts.keys.init()
    parts.engine.dispose()
    app = create_app(settings, clock)
    yield app
    app.extensions["parts"].engine.dispose()


@pytest.fixture
def parts(app: Flask) -> Parts:
    found = app.extensions["parts"]
    assert isinstance(found, Parts)
    return found


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


@pytest.fixture
def person(parts: Parts, clock: FixedClock) -> str:
    """`aigerim`, a pupil; returns the id."""
    with parts.uow.write() as tx:
        person_id = add_person(tx, family_name="Оспанова", given_name="Айгерім")
        add_membership(tx, person_id, add_school(tx), "pupil", is_primary=True)
        credentials.replace(tx, "password", [(person_id, {"hash": HASH})], must_change=False, now=clock.now())
    return person_id


@pytest.fixture
def citizens(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Citizens]:
    """A house of its own that trusts the miniature NCA and that eGov Mobile may ask; `citizens_browser` visits it."""
    with house(database_url, tmp_path, clock) as parts:
        settings = parts.settings
    app = create_app(settings, clock)
    made = Citizens(app.extensions["parts"], clock)
    made.app = app
    yield made
    app.extensions["parts"].engine.dispose()


@pytest.fixture
def citizens_browser(citizens: Citizens) -> Browser:
    assert citizens.app is not None
    return Browser(citizens.app.test_client())
