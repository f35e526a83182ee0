"""The lessons speak SAML, all else OpenID Connect: one password opens both, and one sign-out ends both."""

from __future__ import annotations

import pytest

from tests.browser.screens import SCREENS
from tests.browser.stories import hands_in_a_lesson, sets_a_lesson
from tests.browser.walk import Walk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "width"), SCREENS)
def test_who_entered_by_saml_is_known_elsewhere_and_signs_out_there(walk: Walk, language: str, width: int) -> None:
    hands_in_a_lesson(walk, language=language, width=width)


@pytest.mark.parametrize("scripts", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_who_entered_elsewhere_is_known_by_saml_and_signs_out_here(walk: Walk, *, scripts: bool) -> None:
    sets_a_lesson(walk, width=360, scripts=scripts)
