"""Pages about one's session here that do not depend on the protocol of the sign-in."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clients.kit.cookies import session_cookie
from clients.kit.kit import kit
from clients.kit.targets import own_path

bp = Blueprint("session", __name__)


@bp.get("/session-ended")
def session_ended() -> ResponseReturnValue:
    target = own_path(request.args.get("next", ""), kit().settings.base_url)
    return render_template("kit/session_ended.html", again=f"/login?{urlencode({'next': target})}")


@bp.get("/logout")
def ask_logout() -> ResponseReturnValue:
    """A link may lead here; only the form signs out, so that a picture on a strange page cannot."""
    if not session_cookie(request, kit().settings):
        return redirect("/", 303)
    return render_template("kit/sign_out.html")
