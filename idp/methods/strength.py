"""Which new passwords are accepted. Length first; lists of common ones; nothing of the person's own name."""

from __future__ import annotations

from collections.abc import Sequence

from idp.core.names import latin

MIN_LENGTH = {"pupil": 8}
MIN_LENGTH_ADULT = 10
_MIN_SCORE = 2
"""zxcvbn scores 0 to 4; 2 stands for more than 10^6 guesses, enough behind throttling."""


def minimum(role: str) -> int:
    """Characters a password of this role needs: fewer for pupils, who type it every day."""
    return MIN_LENGTH.get(role, MIN_LENGTH_ADULT)


def mistakes(password: str, *, role: str, names: Sequence[str]) -> list[str]:
    """Codes of what is wrong, empty when it will do: `too_short`, `too_long`, `contains_name`, `too_common`."""
    from zxcvbn import zxcvbn

    if len(password) < minimum(role):
        return ["too_short"]
    if len(password) > 256:
        return ["too_long"]
    folded = {password.casefold(), latin(password)}
    words = {word for name in names for word in (name.casefold(), latin(name)) if len(word) > 3}
    if any(word in text for word in words for text in folded):
        return ["contains_name"]
    if zxcvbn(password[:72], user_inputs=sorted(words))["score"] < _MIN_SCORE:
        return ["too_common"]
    return []
