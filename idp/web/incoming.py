"""Requests as the app reads them: what no address may hold is made harmless before anything looks at it."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING
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
