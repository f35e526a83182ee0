"""The two cookies: the session's opaque secret, and Flask's signed one that ties steps to a browser."""

from __future__ import annotations

from flask import Request, session
from werkzeug.wrappers import Response

from idp.core.ids import new_secret
from idp.web.house import house


def session_token(request: Request) -> str:
    """The session cookie's value, or an empty string."""
    return request.cookies.get(house().session_cookie, "")


def set_session(response: Response, token: str, *, max_age: int | None) -> None:
    """Sets the session cookie; without `max_age` it goes when the browser closes."""
    response.set_cookie(
        house().session_cookie, token, max_age=max_age, path="/", secure=house().is_https, httponly=True, samesite="Lax"
    )


def clear_session(response: Response) -> None:
    response.delete_cookie(house().session_cookie, path="/", secure=house().is_https, httponly=True, samesite="Lax")


def browser_id() -> str:
    """A random id of this browser, in the signed cookie: a stolen link is no good elsewhere (CVE-2024-7341)."""
    if "browser" not in session:
        session["browser"] = new_secret(16)
    return str(session["browser"])
