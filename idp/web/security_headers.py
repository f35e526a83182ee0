"""Headers on every answer. A door may widen `form-action` for the one client it is about to post to."""

from __future__ import annotations

from flask import Flask, Response, g, request

from idp.web.house import house

_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_STATIC = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


def init(app: Flask) -> None:
    app.after_request(_apply)


def _apply(response: Response) -> Response:
    headers = response.headers
    extra: list[str] = g.get("form_action", [])
    headers["Content-Security-Policy"] = " ".join([_CSP, *extra]) if extra else _CSP
    headers.update(_STATIC)
    if house().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
