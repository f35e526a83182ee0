"""The interface every way of signing in fits.

A new method is one file, one template, one test file, and one line in `app.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from idp.eds.signed_by import SignedBy


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one browser. `kept` is what `begin` asked to keep; it never leaves the server."""

    now: datetime
    language: str
    site: str = ""
    """Host of the issuer: a signature made for another site proves nothing here."""
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


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody proved which citizen they are; whose account that is, `services/login.py` finds out."""

    signed_by: SignedBy
    acr: str
    amr: tuple[str, ...]


class Refused(Exception):
    """The answer proves nothing. Says no more: every refusal must look alike from outside.

    Methods by signature raise `eds.errors` instead: which rule failed concerns only the bearer of the key, and tells
    an attacker nothing about an account.
    """


class Method(Protocol):
    @property
    def name(self) -> str:
        """URL segment, template name and audit word."""
        ...

    @property
    def amr(self) -> tuple[str, ...]:
        """RFC 8176 words."""
        ...

    @property
    def acr(self) -> str:
        """The highest level it reaches."""
        ...

    def begin(self, attempt: Attempt) -> Challenge:
        """What to show and what to keep."""
        ...

    def finish(self, attempt: Attempt, answer: Mapping[str, str]) -> Proof | Citizen:
        """Checks the answer; raises Refused."""
        ...


@runtime_checkable
class Challenging(Protocol):
    """A method whose `begin` keeps something: the answer must name the challenge, which is spent by it."""

    @property
    def lifetime(self) -> timedelta:
        """How long a challenge is good."""
        ...


@runtime_checkable
class OutOfBand(Protocol):
    """A phone fetches what to sign and brings it back while the browser waits."""

    def document(self, attempt: Attempt) -> bytes:
        """What the phone shows and signs."""
        ...

    def deliver(self, attempt: Attempt, signature: str) -> Citizen:
        """Checks what the phone brought; raises `eds.errors`."""
        ...


@runtime_checkable
class Switchable(Protocol):
    """A method that an installation may not be able to offer."""

    def why_off(self) -> str:
        """Why not, in a word; empty when it can."""
        ...
