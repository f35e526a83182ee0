"""oidc/pkce: S256 as RFC 7636 has it."""

import pytest

from idp.oidc.pkce import challenge_of, is_challenge, is_verifier
from tests.vectors.rfc7636 import CHALLENGE, VERIFIER


def test_the_example_of_the_rfc() -> None:
    assert challenge_of(VERIFIER) == CHALLENGE
    assert is_verifier(VERIFIER)
    assert is_challenge(CHALLENGE)


@pytest.mark.parametrize("text", ["", "a" * 42, "a" * 129, "a" * 42 + "=", "a" * 42 + "\n", "ә" * 43, "a" * 43 + "\n"])
def test_what_is_no_verifier(text: str) -> None:
    assert not is_verifier(text)


@pytest.mark.parametrize("text", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "~", "a" * 43 + "\n"])
def test_what_is_no_challenge(text: str) -> None:
    assert not is_challenge(text)
