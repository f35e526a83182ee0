"""The e-mail address of one's own: set, confirmed by a code, taken away."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Denied, Invalid, TooSoon, Unavailable
from idp.services.sessions import LiveSession
from idp.web.account_security import changing
from idp.web.entrance import MAIL, minutes, visitor
from idp.web.house import house

bp = Blueprint("account_email", __name__, url_prefix="/account/security/email")
Page = str | Response | tuple[str, int]


@bp.get("")
def page() -> str:
    return _show(changing())


@bp.post("")
def begin() -> Page:
    here, email = changing(), request.form.get("email", "")
    try:
        session[MAIL] = house().sign_in.by_mail.begin_address(here.person_id, email, visitor())
    except Invalid:
        return _show(here, email=email, error="format"), 422
    except TooSoon as error:
        return _show(here, email=email, error="throttled", retry_after=error.retry_after), 429
    except Unavailable:
        return redirect(url_for("account_email.page"), 303)
    return redirect(url_for("account_email.code_page"), 303)


@bp.get("/code")
def code_page() -> Page:
    here = changing()
    return _show_code(here) if session.get(MAIL) else redirect(url_for("account_email.page"), 303)


@bp.post("/code")
def confirm() -> Page:
    here, challenge = changing(), str(session.get(MAIL, ""))
    try:
        house().sign_in.by_mail.finish_address(here.person_id, challenge, request.form.get("code", ""), visitor())
    except TooSoon:
        return _show_code(here, error="over"), 429
    except Denied as error:
        return _show_code(here, error="wrong" if error.code == "login_failed" else "over"), 422
    session.pop(MAIL, None)
    return redirect(url_for("account_security.page", done="email"), 303)


@bp.post("/remove")
def remove() -> Page:
    here = changing()
    try:
        house().sign_in.by_mail.forget_address(here.person_id)
    except Conflict as error:
        if error.code != "last_way_in":
            raise
        return _show(here, error="last_way_in"), 409
    return redirect(url_for("account_security.page", done="email_removed"), 303)


def _show(here: LiveSession, *, email: str = "", error: str = "", retry_after: int = 0) -> str:
    held = house().sign_in.factors.held(here.person_id)
    return render_template(
        "account/email.html",
        person=house().credentials.person(here.person_id),
        held=held,
        email=email or held.address.email,
        error=error,
        retry_minutes=minutes(retry_after),
        can_send=house().sign_in.by_mail.can_send,
    )


def _show_code(here: LiveSession, *, error: str = "") -> str:
    return render_template("account/email_code.html", person=house().credentials.person(here.person_id), error=error)
