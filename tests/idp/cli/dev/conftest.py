"""Both stand-ins on free ports, with the demo keys; made once for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from idp.cli.dev.demo_holders import make_demo_nca
from idp.cli.dev.demo_nca import DemoNca
from idp.cli.dev.stand_ins import StandIns, stand_ins

ISSUER = "http://localhost:8000"


@pytest.fixture(scope="session")
def demo() -> DemoNca:
    return make_demo_nca(datetime.now(UTC))


@pytest.fixture
def running(demo: DemoNca) -> Iterator[StandIns]:
    with stand_ins(demo, issuer=ISSUER, ncalayer="127.0.0.1:0", nca="127.0.0.1:0") as both:
        yield both
