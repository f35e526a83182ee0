"""The console's district, for interfaces that speak of the same people."""

from __future__ import annotations

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.parts import Parts
from tests.factories.console import Console


@pytest.fixture
def console(app: Flask, parts: Parts, clock: FixedClock) -> Console:
    return Console(app, parts, clock)
