"""The door of every page that needs somebody: a live session and fresh claims, or a kind way to sign in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlencode

import flask_babel
from flask import Response, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from clients.kit.api import Caller, SessionEnded, fresh_claims
from clients.kit.cookies import clear_session, session_cookie
from clients.kit.kit import OidcKit, kit, oidc_kit
from clients.kit.person import Person

P = ParamSpec("P")


def current_person() -> Person | None:
    """Who is signed in, by fresh UserInfo; by what the sign-in told where the protocol has no such question.

    None when the browser has no session cookie.

    Raises SessionEnded when the cookie's session is over, Unavailable when the IdP does not answer.
    """
    known = g.get("person")
    if known is not None:
        person: Person = known
        return person
    own = kit()
    cookie = session_cookie(request, own.settings)
    if not cookie:
        return None
    session = own.sessions.find(cookie)
    if session is None:
        raise SessionEnded()
    claims = fresh_claims(own, session) if isinstance(own, OidcKit) else session.claims
    g.person = Person(session.sub, session.id, claims)
    flask_babel.refresh()  # the claims may name the language
    return current_person()


def signed_in(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Without a session: straight to the IdP, and back to this page."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if current_person() is None:
            return redirect(f"/login?{urlencode({'next': _here()})}", 303)
        return view(*args, **kwargs)

    return guarded


def person() -> Person:
    """Inside a view under `signed_in`."""
    found = current_person()
    if found is None:
        raise SessionEnded()
    return found


def asked(path: str) -> dict[str, Any]:
    """The IdP's answer at `/api/v1` in the name of who is signed in, at this very moment. Raises as `Caller.asked`."""
    own = oidc_kit()
    session = own.sessions.find(session_cookie(request, own.settings))
    if session is None:
        raise SessionEnded()
    return Caller(own).asked(session, path)


def just_signed_out() -> bool:
    """True on the page that a sign-out leads to, with or without the IdP in between."""
    return "signed_out" in request.args or request.args.get("state") == "signed_out"


def say_session_ended(_error: SessionEnded) -> Response:
    """Forgets the dead cookie and says what happened, with the way back to the same page."""
    response = make_response(redirect(f"/session-ended?{urlencode({'next': _here()})}", 303))
    clear_session(response, kit().settings)
    return response


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else "/"
