"""The rule a new password must meet, as every page that takes one asks it."""

from __future__ import annotations

from idp.methods import strength
from idp.store.account import Named


def minimum_length(role: str) -> int:
    """Characters, by role."""
    return strength.minimum(role)


def mistakes(password: str, again: str, person: Named, *, role: str) -> list[str]:
    """Codes of what is wrong with a new password typed twice; empty when it will do."""
    if password != again:
        return ["mismatch"]
    return strength.mistakes(password, role=role, names=person.words)
