"""The interface every way of signing in fits.

A new method is one file, one template, one test file, and one line in `app.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one browser. `kept` is what `begin` asked to keep; it never leaves the server."""

    now: datetime
    language: str
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Challenge:
    """`shown` goes into the method's template, `kept` comes back in the next Attempt."""

    shown: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody proved to be `person_id`, at level `acr`, by `amr` (RFC 8176)."""

    person_id: str
    credential_id: str
    acr: str
    amr: tuple[str, ...]
    must_change: bool = False
    """The proof was a first secret that its owner must replace before anything else."""


class Refused(Exception):
    """The answer proves nothing. Says no more: every refusal must look alike from outside."""


class Method(Protocol):
    @property
    def name(self) -> str:
        """URL segment, template name and audit word."""
        ...

    @property
    def amr(self) -> tuple[str, ...]:
        """RFC 8176 words."""
        ...

    def begin(self, attempt: Attempt) -> Challenge:
        """What to show and what to keep."""
        ...

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Proof:
        """Checks the answer; raises Refused."""
        ...
