"""The cookies of a client. They do not know ports, so each client's carry its name; `__Host-` under https."""

from __future__ import annotations

from flask import Request, Response

from clients.kit.settings import ClientSettings


def session_name(settings: ClientSettings) -> str:
    """Holds the opaque session secret."""
    return _named(settings, f"bilim_{settings.app}")


def flow_name(settings: ClientSettings) -> str:
    """Flask's own signed cookie: the CSRF token and which logins this browser began."""
    return _named(settings, f"bilim_{settings.app}_flow")


def session_cookie(request: Request, settings: ClientSettings) -> str:
    return request.cookies.get(session_name(settings), "")


def set_session(response: Response, settings: ClientSettings, cookie: str) -> None:
    """Ends with the browser: school computers are shared, and whoever stays signed in at the IdP notices nothing."""
    name = session_name(settings)
    response.set_cookie(name, cookie, httponly=True, secure=settings.is_https, samesite="Lax", path="/")


def clear_session(response: Response, settings: ClientSettings) -> None:
    name = session_name(settings)
    response.delete_cookie(name, httponly=True, secure=settings.is_https, samesite="Lax", path="/")


def _named(settings: ClientSettings, name: str) -> str:
    return f"__Host-{name}" if settings.is_https else name
