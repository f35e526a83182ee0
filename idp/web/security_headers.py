"""Headers on every answer. A door may widen `form-action` for the one client it is about to post to, `connect-src` for
NCALayer on the person's own computer, or set a policy of its own for a document that is no page of ours."""

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


def _policy(connect_src: list[str], form_action: list[str]) -> str:
    """`form-action` stands last, so that what is added to it goes to the end."""
    policy = _CSP
    if connect_src:
        policy = policy.replace("connect-src 'self'", " ".join(["connect-src 'self'", *connect_src]))
    return " ".join([policy, *form_action]) if form_action else policy


def init(app: Flask) -> None:
    app.after_request(_apply)


def _apply(response: Response) -> Response:
    headers = response.headers
    if "Content-Security-Policy" not in headers:
        headers["Content-Security-Policy"] = _policy(g.get("connect_src", []), g.get("form_action", []))
    headers.update(_STATIC)
    if house().is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" and "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
    return response
