"""The provider: what every endpoint needs and nothing that belongs to one request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from idp.core.clock import Clock
from idp.jose.keyring import KeyRing
from idp.oidc.ports import ClientKeys
from idp.oidc.subjects import Subjects

CODE_TTL = timedelta(seconds=60)
ACCESS_TTL = timedelta(minutes=10)
ID_TOKEN_TTL = timedelta(hours=1)
REFRESH_TTL = timedelta(days=30)
"""Sliding: each use starts it anew, within the absolute end."""
REFRESH_ABSOLUTE = timedelta(days=180)
KEEP_GRANT = timedelta(days=1)
"""A grant's row outlives its code and tokens by this, so that a late replay is recognised."""
INTERACTION_TTL = timedelta(hours=1)
SKEW_AHEAD = timedelta(seconds=60)
"""How far the clock of a client may be ahead of ours."""


class Ring(Protocol):
    def __call__(self, unknown_kid: str = "") -> KeyRing:
        """Our keys; read again at once for a `kid` this process has not seen."""
        ...


class Server:
    """`secret(use)` gives the stored keys `pairwise` and `token`; `open_iin(person_id, sealed)` unseals an ИИН."""

    def __init__(
        self,
        *,
        issuer: str,
        clock: Clock,
        ring: Ring,
        secret: Callable[[str], bytes],
        client_keys: ClientKeys,
        open_iin: Callable[[str, bytes], str],
    ) -> None:
        self.issuer = issuer
        self.clock = clock
        self.ring = ring
        self.secret = secret
        self.client_keys = client_keys
        self.open_iin = open_iin
        self.subjects = Subjects(secret)

    @property
    def token_key(self) -> bytes:
        """Tags codes and refresh tokens (`opaque.py`)."""
        return self.secret("token")

    def url(self, path: str) -> str:
        """An absolute address of ours, always from the configured issuer, never from a Host header."""
        return self.issuer + path
