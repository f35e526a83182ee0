"""Requests as the app reads them: what no address may hold is made harmless before anything looks at it, what no
database can hold is refused, and a view that takes documents may take more than others."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import flask

from idp.core.errors import Invalid

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

    def _load_form_data(self) -> None:
        """A form is checked where it is first read, once: a view that reads the body itself must find it unread."""
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        refuse_unwritable(text for pair in self.form.items(multi=True) for text in pair)
        refuse_unwritable(file.filename or "" for file in self.files.values())


_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_OWN_WORDS = ("/oauth/", "/saml/s")
"""These endpoints refuse such parameters in words of their own (`oidc/request.py`, `saml/bindings/parameters.py`)."""


def refuse_unwritable(unverified_texts: Iterable[str]) -> None:
    """Raises Invalid for NUL, which no text of PostgreSQL holds, and for half a surrogate pair, which is no UTF-8."""
    if any(map(_UNWRITABLE.search, unverified_texts)):
        raise Invalid("a text holds a character that cannot be written down", code="invalid_characters")


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
    app.before_request(_refuse)


def _refuse() -> None:
    request = flask.request
    if not request.path.startswith(_OWN_WORDS):
        refuse_unwritable((request.path, *(text for pair in request.args.items(multi=True) for text in pair)))


def _widen() -> None:
    view = flask.current_app.view_functions.get(flask.request.endpoint or "")
    max_bytes = getattr(view, "max_bytes", None)
    if max_bytes is not None:
        flask.request.max_content_length = max_bytes
