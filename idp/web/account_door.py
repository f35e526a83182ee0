"""The door of the account: who is signed in here, surely and recently enough for what the page does."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, g, redirect, request, url_for

from idp.core import levels
from idp.core.errors import Denied
from idp.services.acting import StepUp
from idp.services.sessions import LiveSession
from idp.web import after_login, step_up
from idp.web.cookies import session_token
from idp.web.house import house


def person_session(acr: str = levels.PASSWORD, recent: timedelta | None = None) -> LiveSession:
    """The session of who opens a page of the account, signed in at `acr` and, with `recent`, not longer ago.

    Nobody there, or not surely enough: a GET goes to sign in or to prove it again, and comes back here. Anything else
    raises Denied (`session_ended` or `step_up`), for what a form sent is not kept.
    """
    session = house().sessions.current(session_token(request))
    if session is None:
        if request.method != "GET":
            raise Denied("the session has ended", code="session_ended")
        after_login.remember(request.full_path.rstrip("?"))
        abort(redirect(url_for("login.choose"), 303))
    if not levels.satisfies(session.acr, (acr,)) or is_old(session, recent):
        if request.method != "GET":
            raise StepUp(acr)
        abort(step_up.ask(acr))
    g.account_session = session
    return session


def is_old(session: LiveSession, recent: timedelta | None) -> bool:
    """Whether somebody last proved who they are longer ago than `recent`."""
    return recent is not None and house().clock.now() - session.auth_time > recent
