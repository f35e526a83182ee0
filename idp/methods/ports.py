"""What methods need from the world: credentials by username, signatures that somebody checks."""

from __future__ import annotations

from collections.abc import Mapping
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


class Credentials(Protocol):
    def by_username(self, username: str, method: str) -> CredentialRecord | None:
        """The credential of a person who may sign in, or None."""
        ...


class Signatures(Protocol):
    def why_off(self) -> str:
        """Why no signature can be checked here, in a word; empty when they can."""
        ...

    def verify(self, cms: bytes | str, content: bytes) -> SignedBy:
        """Who signed `content`, checked with everything there is to check, now. Raises `eds.errors`."""
        ...
