"""Documents served ahead of the framework: discovery and JWKS are the same bytes for all until the keys change."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from idp.jose.keyring import KeyRing
from idp.oidc import discovery
from idp.oidc.server import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Documents = Mapping[str, tuple[bytes, str]]
"""Path to body and content type."""
MAX_AGE_SECONDS = 300
"""Shorter than the time a new key is published before it signs."""


class ProtocolDocuments:
    """Discovery under both of its names, and JWKS; built again only when the ring of keys is another one."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._built: tuple[KeyRing, Documents] | None = None

    def __call__(self) -> Documents:
        ring = self._server.ring()
        if self._built is None or self._built[0] is not ring:
            self._built = (ring, self._build(ring))
        return self._built[1]

    def _build(self, ring: KeyRing) -> Documents:
        metadata = (_json(discovery.metadata(self._server)), "application/json")
        # RFC 8414 §3.1 puts the path of the issuer behind the well-known name, OIDC Discovery §4 before it.
        path = urlsplit(self._server.issuer).path
        return {
            "/.well-known/openid-configuration": metadata,
            f"/.well-known/oauth-authorization-server{path}": metadata,
            "/oauth/jwks.json": (_json(ring.jwks()), "application/jwk-set+json"),
        }


class Prepared:
    """WSGI middleware: answers GET, HEAD and OPTIONS for the documents and hands everything else on."""

    def __init__(self, app: Any, documents: Callable[[], Documents], *, is_https: bool = False) -> None:
        self._app = app
        self._documents = documents
        self._is_https = is_https
        self._headers: dict[bytes, tuple[str, list[tuple[str, str]]]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(("/.well-known/o", "/oauth/jwks.json")):
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        document = self._documents().get(path)
        if document is None:
            return self._app(environ, start_response)  # type: ignore[no-any-return]
        method = environ["REQUEST_METHOD"]
        etag, headers = self._headers_of(*document)
        if method == "OPTIONS":
            start_response("204 No Content", [("Allow", "GET, HEAD, OPTIONS"), *_without_body(headers)])
            return []
        if method not in ("GET", "HEAD"):
            start_response("405 Method Not Allowed", [("Allow", "GET, HEAD, OPTIONS"), ("Content-Length", "0")])
            return []
        if _matches(environ.get("HTTP_IF_NONE_MATCH", ""), etag):
            start_response("304 Not Modified", _without_body(headers))
            return []
        start_response("200 OK", list(headers))
        return [] if method == "HEAD" else [document[0]]

    def _headers_of(self, body: bytes, content_type: str) -> tuple[str, list[tuple[str, str]]]:
        known = self._headers.get(body)
        if known is None:
            if len(self._headers) > 16:
                self._headers.clear()
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers = [
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
                ("ETag", etag),
                ("Cache-Control", f"public, max-age={MAX_AGE_SECONDS}"),
                ("Access-Control-Allow-Origin", "*"),
                ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
                ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
            ]
            if self._is_https:
                headers.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
            known = self._headers[body] = (etag, headers)
        return known


def _matches(if_none_match: str, etag: str) -> bool:
    """RFC 9110 §13.1.2, weak comparison."""
    return any(part.strip().removeprefix("W/") in (etag, "*") for part in if_none_match.split(",") if part)


def _without_body(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [header for header in headers if header[0] not in ("Content-Type", "Content-Length")]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
