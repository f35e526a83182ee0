"""What the engine needs from the world: arithmetic from a library, bytes from the authority, imported lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

Ask = Callable[[bytes], bytes]
"""Posts a DER OCSPRequest to the configured responder and returns the DER answer. Raises NcaUnavailable."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of GOST R 34.10: `name` as libgcrypt knows it; `size` is the octets of a coordinate."""

    name: str
    p: int
    a: int
    b: int
    q: int
    x: int
    y: int
    size: int


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class Backend(Protocol):
    """A library that hashes and calculates. It is used only after `self_test` accepted it."""

    @property
    def name(self) -> str: ...

    @property
    def max_bytes(self) -> int:
        """The largest document it can hash in reasonable time."""
        ...

    def streebog512(self) -> Digest: ...

    def gost94(self) -> Digest:
        """GOST R 34.11-94 with the S-box of RFC 5831's appendix (legacy). Raises AlgorithmRefused where missing."""
        ...

    def holds(self, curve: Curve, public_key: tuple[int, int], digest: bytes, r: int, s: int) -> bool:
        """Whether (r, s) is a signature over `digest` (standard octet order) by this key (RFC 7091 §6.2).

        False also for r or s outside 1..q-1 and for a point that is not on the curve.
        """
        ...


@dataclass(frozen=True, slots=True)
class Revocation:
    """What a list says of a certificate: when and why (RFC 5280 §5.3.1 numbers) it was revoked."""

    revoked_at: datetime
    reason: int


@dataclass(frozen=True, slots=True)
class ListState:
    """Which imported list answered."""

    number: int
    this_update: datetime
    next_update: datetime


class RevokedLists(Protocol):
    """Imported CRLs, base and delta, as one answer."""

    def look_up(self, issuer_key_id: bytes, serial: int) -> tuple[ListState, Revocation | None] | None:
        """None when no list of that issuer was imported. `issuer_key_id` is SHA-1 of its key bits (its SKI)."""
        ...
