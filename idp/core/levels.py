"""How strongly somebody proved who they are: `acr` values and `amr` words of our interface.

Ascending: asking for one level is met by any above it. `1` to `4` are aliases in requests only.
"""

from __future__ import annotations

from collections.abc import Iterable

PUPIL = "urn:bilim:acr:pupil"
PASSWORD = "urn:bilim:acr:password"
MFA = "urn:bilim:acr:mfa"
EDS = "urn:bilim:acr:eds"

LEVELS = (PUPIL, PASSWORD, MFA, EDS)
_ALIASES = {str(number): level for number, level in enumerate(LEVELS, start=1)}


def rank(acr: str) -> int:
    """0 for unknown values, else 1 (weakest) to 4."""
    level = _ALIASES.get(acr, acr)
    return LEVELS.index(level) + 1 if level in LEVELS else 0


def satisfies(held: str, asked: Iterable[str]) -> bool:
    """True when `held` is at least one of the known levels in `asked`, or `asked` names no known level."""
    ranks = [rank(value) for value in asked]
    known = [value for value in ranks if value]
    return not known or rank(held) >= min(known)
