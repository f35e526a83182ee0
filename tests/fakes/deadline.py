"""Waiting for something that will happen, and for no longer than it may take."""

from __future__ import annotations

import time
from collections.abc import Callable

_EVERY_SECONDS = 0.02


def wait_until(condition: Callable[[], bool], *, seconds: float, why: Callable[[], str] = lambda: "") -> None:
    """Returns when `condition` holds. Raises AssertionError with `why()` when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {why()}")
        time.sleep(_EVERY_SECONDS)
