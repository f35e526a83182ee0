"""The same day with JavaScript switched off, on a phone and on a desk."""

from __future__ import annotations

import pytest

from tests.browser.stories import the_whole_day
from tests.browser.walk import Walk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.soak)])
def test_the_whole_day_needs_no_script(walk: Walk, width: int) -> None:
    the_whole_day(walk, width=width, scripts=False)
