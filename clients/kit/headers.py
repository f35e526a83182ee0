"""Security headers of every answer: own origin only, no frames, nothing kept by caches between people."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from clients.kit.settings import ClientSettings


def install_headers(app: Flask, settings: ClientSettings) -> None:
    issuer = urlsplit(settings.issuer)
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            # The sign-out form is redirected to the IdP, and form-action covers redirects.
            f"form-action 'self' {issuer.scheme}://{issuer.netloc}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )
    fixed = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.is_https:
        fixed["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    @app.after_request
    def _add(response: Response) -> Response:
        response.headers.update(fixed)
        if request.endpoint == "own.static":
            # The IdP shows the logo on its consent page.
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if not (request.endpoint or "").endswith("static"):
            response.headers["Cache-Control"] = "no-store"
        return response
