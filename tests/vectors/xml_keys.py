"""Keys for documents of the tests, made once in a process."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from idp.xml.keys import Credential, generate

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def credential(name: str, algorithm: str = "rsa-sha256") -> Credential:
    """Always the same for a name and an algorithm."""
    return _made(name, algorithm)


@cache
def _made(name: str, algorithm: str) -> Credential:
    return generate(algorithm, common_name=name, now=NOW)
