"""The doors of signing in: which method, the method's page, the first password's replacement."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, NotFound, TooSoon
from idp.services.login import MustChange, Visitor
from idp.services.passwords import minimum_length, mistakes
from idp.services.sessions import Opened
from idp.web import i18n
from idp.web.cookies import browser_id, session_token, set_session
from idp.web.errors import error_page
from idp.web.house import house

bp = Blueprint("login", __name__)
_TICKET = "change_ticket"


@bp.get("/login")
def choose() -> WerkzeugResponse:
    """Picks the method; with one method there is nothing to choose."""
    method = house().login.method_names[0]
    return redirect(_with_interaction(url_for("login.page", method=method), request.args.get("i", "")), 303)


@bp.get("/login/<method>")
def page(method: str) -> Response | WerkzeugResponse:
    if method not in house().login.method_names:
        raise NotFound("no such method")
    interaction_id = request.args.get("i", "")
    if not interaction_id and house().sessions.current(session_token(request)) is not None:
        return redirect(url_for("account.home"), 303)
    return _show(method, interaction_id)


@bp.post("/login/<method>")
def answer(method: str) -> Response | WerkzeugResponse:
    interaction_id = request.form.get("i", "")
    shared = request.form.get("shared") == "1"
    fields = {key: value for key, value in request.form.items() if key not in ("csrf_token", "i", "shared")}
    before = house().sessions.current(session_token(request))
    try:
        result = house().login.finish(method, _visitor(), fields, is_shared=shared)
    except TooSoon as error:
        return _show(method, interaction_id, error="throttled", retry_after=error.retry_after, status=429)
    except Denied:
        return _show(method, interaction_id, error="wrong", status=401)
    if isinstance(result, MustChange):
        session[_TICKET] = result.ticket
        return redirect(_with_interaction(url_for("login.change_page"), interaction_id), 303)
    return _signed_in(result, interaction_id, before.id if before else "")


@bp.get("/login/change")
def change_page() -> Response:
    return _show_change([])


@bp.post("/login/change")
def change() -> Response | WerkzeugResponse:
    ticket = str(session.get(_TICKET, ""))
    person = house().login.change_ticket(ticket)
    if person is None:
        return error_page("link_expired", 400)
    password, again = request.form.get("new_password", ""), request.form.get("new_password_2", "")
    wrong = mistakes(password, again, person, role=house().sessions.role_of(person.id))
    if not wrong and house().login.is_first_password(ticket, password):
        wrong = ["same_as_old"]
    if wrong:
        return _show_change(wrong, status=422)
    before = house().sessions.current(session_token(request))
    opened = house().login.change_first(ticket, password, _visitor())
    session.pop(_TICKET, None)
    return _signed_in(opened, request.form.get("i", ""), before.id if before else "")


@bp.get("/login/forgot")
def forgot() -> str:
    return render_template("login/forgot.html", interaction_id=request.args.get("i", ""))


def _signed_in(opened: Opened, interaction_id: str, before: str) -> WerkzeugResponse:
    """Sets the cookie and goes on. A session of somebody else in this browser ends, with its clients told."""
    if before and before != opened.session_id:
        house().logout.end(before, reason="replaced")
    browser = browser_id()
    session.clear()
    session["browser"] = browser
    target = url_for("account.home")
    if interaction_id:
        target = url_for("oidc.authorize", interaction=interaction_id)
    response = redirect(target, 303)
    set_session(response, opened.token, max_age=opened.max_age)
    return response


def _show(method: str, interaction_id: str, *, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    browser = browser_id()
    interaction = (
        house().interactions.get(interaction_id, browser, language=i18n.language()) if interaction_id else None
    )
    if interaction_id and interaction is None:
        return error_page("link_expired", 400)
    if interaction is not None:
        i18n.wish(interaction.ui_locales)
        g.form_action = [interaction.redirect_origin]
    hint = interaction.login_hint if interaction else ""
    here = house().sessions.current(session_token(request))
    person = house().credentials.person(here.person_id) if here else None
    return make_response(
        render_template(
            f"login/{method}.html",
            client=interaction.client if interaction else None,
            form={"username": request.form.get("username", hint)},
            shared=request.form.get("shared") == "1",
            error=error or None,
            retry_minutes=max(1, -(-retry_after // 60)),
            interaction_id=interaction_id,
            other_methods=[],
            current_person=person.name if person else None,
        ),
        status,
    )


def _show_change(errors: list[str], *, status: int = 200) -> Response:
    person = house().login.change_ticket(str(session.get(_TICKET, "")))
    if person is None:
        return error_page("link_expired", 400)
    interaction_id = request.values.get("i", "")
    interaction = house().interactions.get(interaction_id, browser_id()) if interaction_id else None
    if interaction is not None:
        g.form_action = [interaction.redirect_origin]
    active = house().sessions.active_of(person.id)
    role = active.role if active else ""
    fields = {"mismatch": "new-password-2"}
    return make_response(
        render_template(
            "login/change_password.html",
            person=person,
            role=role,
            young=active is not None and active.is_young,
            minimum=minimum_length(role),
            errors=[(fields.get(code, "new-password"), code) for code in errors],
            interaction_id=interaction_id,
        ),
        status,
    )


def _visitor() -> Visitor:
    return Visitor(
        place=request.remote_addr or "",
        browser=request.user_agent.string,
        language=i18n.language(),
        session_token=session_token(request),
    )


def _with_interaction(url: str, interaction_id: str) -> str:
    return f"{url}?{urlencode({'i': interaction_id})}" if interaction_id else url
