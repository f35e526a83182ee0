"""What methods need from the world: credentials by username, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


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
