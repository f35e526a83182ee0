"""The door of the console: every view names the right it needs, and gets the scope in which it may work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g, redirect, request, url_for

from idp.core.errors import Denied, NotFound
from idp.core.scope import Scope
from idp.services.acting import Actor, StepUp
from idp.services.sessions import LiveSession
from idp.web import after_login, step_up
from idp.web.cookies import session_token
from idp.web.house import house

_WRITTEN = ("no_right", "own_link", "step_up")
"""Refusals that whoever raised them has written down, or that refuse nothing."""


@dataclass(frozen=True, slots=True)
class Here:
    """Who is here and how far they reach. `school_id` is empty on pages that belong to no single school."""

    actor: Actor
    scope: Scope
    school_id: str


def allows(right: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The rule of a view. The view gets `Here` first; `school_id` of the address is taken out.

    A page without a school works on everything the right reaches. Nobody there: to sign in, and back here.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def opened(**values: Any) -> Any:
            session = house().sessions.current(session_token(request))
            if session is None:
                if request.method != "GET":
                    raise Denied("the session has ended", code="session_ended")
                after_login.remember(request.full_path.rstrip("?"))
                return redirect(url_for("login.choose"), 303)
            try:
                here = g.here = _enter(session, right, values.pop("school_id", ""))
            except StepUp as error:
                return step_up.ask(error.acr)
            try:
                return view(here, **values)
            except (Denied, NotFound) as error:
                if is_news(error, values):
                    house().acting.refused(here.actor, right, here.school_id, error.code)
                raise

        opened.right = right  # type: ignore[attr-defined]
        return opened

    return mark


def is_news(error: Denied | NotFound, values: dict[str, Any]) -> bool:
    """Whether a refusal below the door is to be written down: not what was already, nor what names nobody's object, in
    the address or in what was sent."""
    return bool(values) or request.method != "GET" if isinstance(error, NotFound) else error.code not in _WRITTEN


def _enter(session: LiveSession, right: str, school_id: str) -> Here:
    actor = g.actor = house().acting.actor(
        person_id=session.person_id,
        membership_id=session.membership_id,
        acr=session.acr,
        amr=session.amr,
        auth_time=session.auth_time,
        session_id=session.id,
    )
    scope = house().acting.at(actor, right, school_id) if school_id else house().acting.below(actor, right)
    return Here(actor, scope, school_id)
