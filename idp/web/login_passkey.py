"""Signing in with a passkey: from the page of the password, where the browser offers it, or from its own."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, TooSoon
from idp.web.cookies import session_token
from idp.web.entrance import later, minutes, next_step, other_methods, passkey_options, visitor, waiting
from idp.web.house import house

bp = Blueprint("login_passkey", __name__)
_METHOD = "passkey"


@bp.get("/login/passkey")
def page() -> Response | WerkzeugResponse:
    interaction_id = request.args.get("i", "")
    if not interaction_id and house().sessions.current(session_token(request)) is not None:
        return redirect(url_for("account.home"), 303)
    return _show(interaction_id)


@bp.post("/login/passkey")
def answer() -> Response | WerkzeugResponse:
    """`response` is the JSON of the browser's answer."""
    interaction_id = request.form.get("i", "")
    fields, is_shared = {"response": request.form.get("response", "")}, request.form.get("shared") == "1"
    try:
        result = house().login.finish(_METHOD, visitor(interaction_id), fields, is_shared=is_shared)
    except TooSoon as error:
        return _show(interaction_id, error="throttled", retry_after=error.retry_after, status=429)
    except Denied as error:
        if error.code == "password_needed":
            raise
        code = "uv_needed" if error.code == "uv_needed" else "wrong"
        return _show(interaction_id, error=code, status=401)
    return next_step(result, interaction_id)


def _show(interaction_id: str, *, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    interaction = waiting(interaction_id)
    page = render_template(
        "login/passkey.html",
        client=interaction.client if interaction else None,
        options=passkey_options(interaction_id),
        shared=request.form.get("shared") == "1",
        error=error,
        retry_minutes=minutes(retry_after),
        interaction_id=interaction_id,
        other_methods=other_methods(_METHOD, interaction),
    )
    return later(page, status, retry_after)
