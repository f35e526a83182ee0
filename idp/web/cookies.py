"""The two cookies: the session's opaque secret, and Flask's signed one that ties steps to a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, session
from flask import Response as FlaskResponse
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response

from idp.core.ids import new_secret
from idp.web.house import house

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer


class FlowCookie(SecureCookieSession):
    """The signed cookie of this browser, opened when something looks into it: most requests do not."""

    def __init__(self, read: Callable[[], Mapping[str, Any]]) -> None:
        super().__init__()
        self._read: Callable[[], Mapping[str, Any]] | None = read

    @property
    def is_closed(self) -> bool:
        """Nothing has looked into it yet."""
        return self._read is not None

    def open(self) -> None:
        if self._read is not None:
            read, self._read = self._read, None
            dict.update(self, read())


def _opening(name: str) -> Callable[..., Any]:
    plain = getattr(SecureCookieSession, name)

    @wraps(plain)
    def method(self: FlowCookie, *args: Any, **fields: Any) -> Any:
        self.open()
        return plain(self, *args, **fields)

    return method


for _name in (
    "__getitem__", "__setitem__", "__delitem__", "__contains__", "__iter__", "__len__", "__eq__", "get", "setdefault",
    "keys", "items", "values", "pop", "popitem", "clear", "update", "copy",
):  # fmt: skip
    setattr(FlowCookie, _name, _opening(_name))


class FlowCookies(SecureCookieSessionInterface):
    """Flask's own signed cookie, read late; what signs is made once, not for each request."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        return FlowCookie(lambda: super(FlowCookies, self).open_session(app, request) or {})

    def save_session(self, app: Flask, session: SessionMixin, response: FlaskResponse) -> None:
        if not (isinstance(session, FlowCookie) and session.is_closed):
            super().save_session(app, session, response)


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
