"""What the description of the interface (OpenAPI) says of a view; it stands directly under the route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Told:
    """`answer` and `body` name schemas of `schemas.py`; `scope` is what the token must hold, empty for everybody.

    `by` is `person` for a person's token, `client` for a client's own. `query` names parameters.
    """

    summary: str
    answer: str
    scope: str
    by: str
    body: str
    status: int
    query: tuple[str, ...]
    media: str


def told(
    summary: str, *, answer: str = "", scope: str = "", by: str = "person", body: str = "", status: int = 200,
    query: tuple[str, ...] = (), media: str = "application/json",
) -> Callable[[View], View]:  # fmt: skip
    def mark(view: View) -> View:
        view.told = Told(summary, answer, scope, by, body, status, query, media)  # type: ignore[attr-defined]
        return view

    return mark
