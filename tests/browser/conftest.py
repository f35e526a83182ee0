"""One demo school with every service, each on a host of its own so that no cookie is shared, and one Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.walk import HOSTS, Walk
from tests.fakes.chromium import chromium
from tests.fakes.servers import Dev, running_dev


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """`idp dev` of this test process."""
    with running_dev(tmp_path_factory.mktemp("dev"), hosts=HOSTS) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def walk(dev: Dev, browser: Browser) -> Iterator[Walk]:
    """Visitors of the demo school; nobody has agreed to anything yet."""
    walking = Walk(dev, browser)
    walking.forget_consents()
    yield walking
    walking.leave()
