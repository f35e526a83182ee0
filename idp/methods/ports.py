"""What methods need from the world: credentials by username, signatures that somebody checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from idp.eds.signed_by import SignedBy


class CredentialRecord(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def must_change(self) -> bool: ...


class CountedRecord(CredentialRecord, Protocol):
    """One of possibly many of its owner, with a name of its own and a count of its uses."""

    @property
    def handle(self) -> str: ...
    @property
    def counter(self) -> int: ...


class Credentials(Protocol):
    def by_username(self, username: str, method: str) -> CredentialRecord | None:
        """The credential of a person who may sign in, or None."""
        ...


class HeldCredentials(Protocol):
    def by_handle(self, handle: str, method: str) -> CountedRecord | None:
        """The credential that its method calls so, of a person who may sign in, or None."""
        ...

    def is_taken(self, handle: str, method: str) -> bool:
        """Whether anybody has a credential called so, also somebody who may not sign in."""
        ...

    def of_person(self, person_id: str, method: str) -> Sequence[CountedRecord]:
        """Every credential of this method that a person holds."""
        ...


class Signatures(Protocol):
    def why_off(self) -> str:
        """Why no signature can be checked here, in a word; empty when they can."""
        ...

    def verify(self, cms: bytes | str, content: bytes) -> SignedBy:
        """Who signed `content`, checked with everything there is to check, now. Raises `eds.errors`."""
        ...
