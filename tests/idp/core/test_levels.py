"""core/levels: acr values and their order."""

import pytest

from idp.core import levels


@pytest.mark.parametrize(
    ("held", "asked", "met"),
    [
        (levels.PASSWORD, [levels.PUPIL], True),
        (levels.PASSWORD, [levels.MFA], False),
        (levels.EDS, [levels.MFA, levels.PASSWORD], True),
        (levels.PASSWORD, ["2"], True),
        (levels.PASSWORD, ["3"], False),
        (levels.PUPIL, ["urn:nobody:knows"], True),
        (levels.PUPIL, [], True),
    ],
)
def test_a_level_meets_what_is_asked_when_it_is_not_below(held: str, asked: list[str], met: bool) -> None:
    assert levels.satisfies(held, asked) is met
