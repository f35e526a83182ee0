"""Proving once more who one is, at `acr` and now, in the session one has; then back to where one was."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core import levels
from idp.core.errors import Denied, TooSoon
from idp.services.again import needed_level
from idp.services.sessions import LiveSession
from idp.web.cookies import session_token
from idp.web.entrance import later, minutes, next_step, visitor, waiting, with_interaction
from idp.web.house import house

bp = Blueprint("step_up", __name__)


@bp.get("/login/again")
def page() -> Response | WerkzeugResponse:
    """`acr` is the level asked for; `way` picks one of those that reach it."""
    interaction_id = request.args.get("i", "")
    session = house().sessions.current(session_token(request))
    if session is None:
        return redirect(with_interaction(url_for("login.choose"), interaction_id), 303)
    return _show(session)


@bp.post("/login/again")
def answer() -> Response | WerkzeugResponse:
    """`way` and its answer: `password`, `code` or `response`."""
    interaction_id, form = request.form.get("i", ""), request.form
    session = house().sessions.current(session_token(request))
    if session is None:
        raise Denied("the session has ended", code="session_ended")
    fields = {name: form.get(name, "") for name in ("password", "code", "response")}
    try:
        result = house().sign_in.again.finish(session, form.get("way", ""), fields, visitor(interaction_id), _acr())
    except TooSoon as error:
        return _show(session, error="throttled", retry_after=error.retry_after, status=429)
    except Denied as error:
        return _show(session, error="uv_needed" if error.code == "uv_needed" else "wrong", status=401)
    return next_step(result, interaction_id)


def _acr() -> str:
    acr = request.values.get("acr", "")
    return acr if levels.rank(acr) else levels.PASSWORD


def _show(session: LiveSession, *, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    interaction_id, acr = request.values.get("i", ""), _acr()
    interaction = waiting(interaction_id)
    again = house().sign_in.again
    # An ЭЦҚ has pages of its own; who used one before, or could, is offered those that are on.
    signing = [name for name in ("eds_ncalayer", "eds_egov_mobile") if not house().login.why_off(name)]
    ways = [way for way in again.ways(session, acr) if way != "eds"]
    needed, wanted = needed_level(session.acr, acr).rpartition(":")[2], request.values.get("way", "")
    way = wanted if wanted in ways else next(iter(ways), "")
    page = render_template(
        "login/again.html",
        person=house().credentials.person(session.person_id),
        client=interaction.client if interaction else None,
        acr=acr,
        needed=needed,
        way=way,
        ways=[one for one in ways if one != way],
        signing=signing,
        # Who has nothing else, and is asked for no more than a password is worth, comes in once more as they came.
        by_mail=not way and needed == "password" and not house().login.why_off("mail_code"),
        options=again.begin_passkey(session, acr, visitor(interaction_id)) if way == "passkey" else "",
        error=error,
        retry_minutes=minutes(retry_after),
        interaction_id=interaction_id,
    )
    return later(page, status, retry_after)
