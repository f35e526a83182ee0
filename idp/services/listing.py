"""Lists as people page through them: what was asked, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
PER_PAGE = 30
LAST_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """`words` is what was typed, `filters` hold only what a list knows; `page` counts from 1."""

    words: str = ""
    page: int = 1
    sort: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    per_page: int = PER_PAGE

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or any(self.filters.values()))


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """One page of `total` rows."""

    rows: Sequence[T]
    total: int
    asked: Asked

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.asked.per_page))

    @property
    def first(self) -> int:
        return self.asked.offset + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return self.asked.offset + len(self.rows)
