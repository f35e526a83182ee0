"""The doors of signing in: which method, the password's page, the first password's replacement."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core import levels
from idp.core.errors import Denied, NotFound, TooSoon
from idp.services.again import lowest
from idp.services.passwords import minimum_length, mistakes
from idp.web.cookies import browser_id, session_token
from idp.web.entrance import (
    CHANGE,
    later,
    leave_steps,
    minutes,
    next_step,
    other_methods,
    passkey_options,
    suitable,
    visitor,
    waiting,
    with_interaction,
)
from idp.web.errors import error_page
from idp.web.house import house

bp = Blueprint("login", __name__)


@bp.get("/login")
def choose() -> WerkzeugResponse:
    """Picks the method that suits what is asked for; the others stand below it on its page.

    Who is signed in already, and only not surely enough for a client, adds what is missing, if they have it.
    """
    leave_steps()
    interaction_id = request.args.get("i", "")
    interaction = house().interactions.get(interaction_id, browser_id()) if interaction_id else None
    if interaction is not None and "login" not in interaction.params.get("prompt", "").split():
        here = house().sessions.current(session_token(request))
        level = lowest(interaction.acr_values)
        if here is not None and not levels.satisfies(here.acr, (level,)) and house().sign_in.again.ways(here, level):
            return redirect(url_for("step_up.page", acr=level, i=interaction_id), 303)
    method = next(iter(suitable(interaction)), house().login.method_names[0])
    return redirect(with_interaction(url_for("login.page", method=method), interaction_id), 303)


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
    try:
        result = house().login.finish(method, visitor(interaction_id), fields, is_shared=shared)
    except TooSoon as error:
        return _show(method, interaction_id, error="throttled", retry_after=error.retry_after, status=429)
    except Denied as error:
        if error.code == "password_needed":
            raise
        return _show(method, interaction_id, error="wrong", status=401)
    return next_step(result, interaction_id)


@bp.get("/login/change")
def change_page() -> Response:
    return _show_change([])


@bp.post("/login/change")
def change() -> Response | WerkzeugResponse:
    ticket = str(session.get(CHANGE, ""))
    person = house().login.change_ticket(ticket)
    if person is None:
        return error_page("link_expired", 400)
    password, again = request.form.get("new_password", ""), request.form.get("new_password_2", "")
    wrong = mistakes(password, again, person, role=house().sessions.role_of(person.id))
    if not wrong and house().login.is_first_password(ticket, password):
        wrong = ["same_as_old"]
    if wrong:
        return _show_change(wrong, status=422)
    opened = house().login.change_first(ticket, password, visitor(request.form.get("i", "")))
    return next_step(opened, request.form.get("i", ""))


def _show(method: str, interaction_id: str, *, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    interaction = waiting(interaction_id)
    hint = interaction.login_hint if interaction else ""
    here = house().sessions.current(session_token(request))
    person = house().credentials.person(here.person_id) if here else None
    return later(
        render_template(
            f"login/{method}.html",
            client=interaction.client if interaction else None,
            form={"username": request.form.get("username", hint)},
            shared=request.form.get("shared") == "1",
            error=error or None,
            retry_minutes=minutes(retry_after),
            interaction_id=interaction_id,
            # The password's page has a button of its own for passkeys.
            other_methods=[way for way in other_methods(method, interaction) if way[0] != "passkey"],
            current_person=person.name if person else None,
            passkey_options=passkey_options(interaction_id),
        ),
        status,
        retry_after,
    )


def _show_change(errors: list[str], *, status: int = 200) -> Response:
    person = house().login.change_ticket(str(session.get(CHANGE, "")))
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
