"""methods/strength: which new passwords will do."""

import pytest

from idp.methods.strength import minimum, mistakes

NAMES = ("aigerim.ospanova", "Оспанова", "Айгерім", "Серікқызы")


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("қысқа", ["too_short"]),
        ("password1", ["too_common"]),
        ("12345678", ["too_common"]),
        ("Айгерім2013", ["contains_name"]),
        ("aigerim2013!", ["contains_name"]),
        ("x" * 300, ["too_long"]),
        ("тау мен көл", []),
    ],
)
def test_a_pupils_new_password(password: str, wrong: list[str]) -> None:
    assert mistakes(password, role="pupil", names=NAMES) == wrong


def test_adults_need_a_longer_one() -> None:
    assert minimum("pupil") == 8
    assert minimum("teacher") == 10
    assert mistakes("тау көл 7", role="teacher", names=()) == ["too_short"]
