"""Both stand-ins on free ports, with the demo keys; made once for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from idp.cli.dev import prepare
from idp.cli.dev.demo_holders import make_demo_nca
from idp.cli.dev.demo_nca import DemoNca
from idp.cli.dev.folder import Folder
from idp.cli.dev.lms import described_by_itself
from idp.cli.dev.stand_ins import StandIns, stand_ins

_described: dict[str, bytes] = {}
ISSUER = "http://localhost:8000"


@pytest.fixture(autouse=True)
def described_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that describes itself starts a process for it: once an address will do."""

    def described(home: Folder, name: str) -> bytes:
        url = home.addresses.of(name)
        if url not in _described:
            _described[url] = described_by_itself(home, name)
        return _described[url]

    monkeypatch.setattr(prepare, "described_by_itself", described)


@pytest.fixture(scope="session")
def demo() -> DemoNca:
    return make_demo_nca(datetime.now(UTC))


@pytest.fixture
def running(demo: DemoNca) -> Iterator[StandIns]:
    with stand_ins(demo, issuer=ISSUER, ncalayer="127.0.0.1:0", nca="127.0.0.1:0") as both:
        yield both
