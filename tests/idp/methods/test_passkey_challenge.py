"""methods/passkey_challenge: challenges that carry their own proof."""

from datetime import timedelta

import pytest

from idp.core.clock import FixedClock
from idp.core.ids import b64url
from idp.methods.passkey_challenge import LIFETIME, holds, new

KEY = b"k" * 32


def test_a_challenge_is_good_for_what_it_was_made_for_until_its_time_is_over(clock: FixedClock) -> None:
    made = new(KEY, "login", clock.now())
    assert made != new(KEY, "login", clock.now())
    assert holds(KEY, made, "login", clock.now() + LIFETIME)
    assert not holds(KEY, made, "login", clock.now() + LIFETIME + timedelta(seconds=1))
    assert not holds(KEY, made, "login", clock.now() - timedelta(seconds=1))
    assert not holds(KEY, made, "enrol", clock.now())
    assert not holds(b"o" * 32, made, "login", clock.now())


@pytest.mark.parametrize("challenge", ["", "=", "тау", b64url(b""), b64url(b"x" * 56), b64url(b"x" * 55)])
def test_what_we_did_not_make_is_none(clock: FixedClock, challenge: str) -> None:
    assert not holds(KEY, challenge, "login", clock.now())
