"""The interface every way of signing in fits.

A new method is one file, one template, one test file, and one line in `app.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from idp.eds.signed_by import SignedBy


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one browser. `kept` is what `begin` asked to keep; it never leaves the server."""

    now: datetime
    language: str
    site: str = ""
    """Host of the issuer: a signature made for another site proves nothing here."""
    kept: Mapping[str, str] = field(default_factory=dict)
    bound: str = ""
    """What a challenge without a row of ours is good for and no other: the step, the browser, the request."""


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
    spends: Spends | None = None


@dataclass(frozen=True, slots=True)
class Spends:
    """What a proof uses up, in the transaction that it opens something in; who comes second with it is refused."""

    counter: int = -1
    """The credential's counter becomes this, and must have been lower: a step of TOTP, uses of a passkey."""
    counts_from_zero: bool = False
    """0 may follow 0: a passkey that does not count."""
    once: str = ""
    """Never to be seen again: a challenge."""
    whole: bool = False
    """The credential is good for one use."""
    notes: Mapping[str, Any] | None = None
    """What `data` of the credential says from now on, where it changed."""


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


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a new credential is for, as an authenticator shows them; `held` are the handles they have already."""

    person_id: str
    username: str
    name: str
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new credential; `once` may never be seen again, as in Spends."""

    data: Mapping[str, Any]
    handle: str = ""
    counter: int = -1
    once: str = ""


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


@runtime_checkable
class Enrols(Protocol):
    """A method whose credential its owner makes, signed in, in two steps."""

    def begin_enrolment(self, attempt: Attempt, owner: Owner) -> Challenge:
        """What to show and what to keep."""
        ...

    def finish_enrolment(self, attempt: Attempt, owner: Owner, answer: Mapping[str, str]) -> Enrolled:
        """Checks that the owner has it now; raises Refused."""
        ...


class Beside(Protocol):
    """A method that stands beside another: who is to prove themselves is known, and it says whether it is they."""

    @property
    def name(self) -> str: ...

    def check(self, attempt: Attempt, person_id: str, answer: Mapping[str, str]) -> Proof:
        """Raises Refused. `acr` and `amr` of the proof are what is reached beside a password."""
        ...
