"""One sign-in, end to end, in a real browser: three people, three languages, a phone and a desk."""

from __future__ import annotations

import pytest

from tests.browser.screens import SCREENS
from tests.browser.stories import the_whole_day
from tests.browser.walk import Walk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_one_password_opens_everything_and_one_sign_out_ends_it(walk: Walk, language: str, width: int) -> None:
    the_whole_day(walk, language=language, width=width)
