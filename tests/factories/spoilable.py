"""A right request, to be spoiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spoilable:
    """A right request to spoil: parameters go into the query of a GET, else into the body."""

    method: str
    path: str
    pairs: Pairs = ()
    headers: Mapping[str, str] = field(default_factory=dict)
