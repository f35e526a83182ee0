"""Requests as the app reads them: what no address may hold is made harmless before anything looks at it, and a view
that takes documents may take more than others."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import flask

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Request(flask.Request):
    """Raw bytes beyond ASCII in a query (RFC 3986 §2 has none) are read as if percent-encoded: Werkzeug would raise
    on them wherever the query is looked at first, in the error page too."""

    def __init__(self, environ: WSGIEnvironment, populate_request: bool = True, shallow: bool = False) -> None:
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            environ["QUERY_STRING"] = quote(query, safe=string.printable, encoding="latin-1")
        super().__init__(environ, populate_request, shallow)


View = TypeVar("View", bound=Callable[..., Any])


def takes(max_bytes: int) -> Callable[[View], View]:
    """Marks a view whose requests may be larger than others."""

    def mark(view: View) -> View:
        view.max_bytes = max_bytes  # type: ignore[attr-defined]
        return view

    return mark


def init(app: flask.Flask) -> None:
    """Before whatever reads a form, so that the larger bound holds when it is read."""
    app.before_request(_widen)


def _widen() -> None:
    view = flask.current_app.view_functions.get(flask.request.endpoint or "")
    max_bytes = getattr(view, "max_bytes", None)
    if max_bytes is not None:
        flask.request.max_content_length = max_bytes
