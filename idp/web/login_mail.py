"""A code by mail: to sign in, and for a password that was forgotten. No answer tells whether a name is known."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, TooSoon, Unavailable
from idp.services.passwords import minimum_length
from idp.web.entrance import MAIL, later, minutes, next_step, other_methods, visitor, waiting, with_interaction
from idp.web.house import house

bp = Blueprint("login_mail", __name__)
_METHOD = "mail_code"


@bp.get("/login/mail_code")
def page() -> Response:
    return _show_name()


@bp.post("/login/mail_code")
def send() -> Response | WerkzeugResponse:
    interaction_id = request.form.get("i", "")
    try:
        session[MAIL] = house().sign_in.by_mail.begin_sign_in(request.form.get("username", ""), visitor(interaction_id))
    except TooSoon as error:
        return _show_name(error="throttled", retry_after=error.retry_after, status=429)
    except Unavailable:
        return redirect(with_interaction(url_for("login_mail.page"), interaction_id), 303)
    return redirect(with_interaction(url_for("login_mail.code_page"), interaction_id), 303)


@bp.get("/login/mail_code/code")
def code_page() -> Response:
    return _show_code()


@bp.post("/login/mail_code/code")
def code() -> Response | WerkzeugResponse:
    interaction_id, is_shared = request.form.get("i", ""), request.form.get("shared") == "1"
    challenge, typed = str(session.get(MAIL, "")), request.form.get("code", "")
    try:
        result = house().sign_in.by_mail.finish_sign_in(challenge, typed, visitor(interaction_id), is_shared=is_shared)
    except TooSoon:
        return _show_code(error="over", status=429)
    except Denied as error:
        if error.code == "password_needed":
            raise
        return _show_code(error="wrong" if error.code == "login_failed" else "over", status=401)
    return next_step(result, interaction_id)


@bp.get("/login/forgot")
def forgot() -> Response:
    return _show_forgot()


@bp.post("/login/forgot")
def begin_password() -> Response | WerkzeugResponse:
    interaction_id = request.form.get("i", "")
    try:
        session[MAIL] = house().sign_in.by_mail.begin_password(request.form.get("username", ""), visitor())
    except TooSoon as error:
        return _show_forgot(error="throttled", retry_after=error.retry_after, status=429)
    except Unavailable:
        return redirect(with_interaction(url_for("login_mail.forgot"), interaction_id), 303)
    return redirect(with_interaction(url_for("login_mail.password_page"), interaction_id), 303)


@bp.get("/login/forgot/code")
def password_page() -> Response:
    return _show_password([])


@bp.post("/login/forgot/code")
def set_password() -> Response | WerkzeugResponse:
    """The code and the new password on one page: the one is good for nothing without the other."""
    form = request.form
    try:
        wrong = house().sign_in.by_mail.finish_password(
            str(session.get(MAIL, "")), form.get("code", ""), form.get("new_password", ""),
            form.get("new_password_2", ""), visitor(),
        )  # fmt: skip
    except TooSoon:
        return _show_password(["over"], status=429)
    except Denied as error:
        return _show_password(["wrong_code" if error.code == "login_failed" else "over"], status=422)
    if wrong:
        return _show_password(wrong, status=422)
    session.pop(MAIL, None)
    interaction_id = form.get("i", "")
    return redirect(with_interaction(url_for("login.page", method="password"), interaction_id), 303)


def _show_name(*, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    interaction_id = request.values.get("i", "")
    interaction = waiting(interaction_id)
    page = render_template(
        "login/mail_code.html",
        client=interaction.client if interaction else None,
        username=request.form.get("username", interaction.login_hint if interaction else ""),
        off=house().login.why_off(_METHOD),
        error=error,
        retry_minutes=minutes(retry_after),
        interaction_id=interaction_id,
        other_methods=other_methods(_METHOD, interaction),
    )
    return later(page, status, retry_after)


def _show_code(*, error: str = "", status: int = 200) -> Response:
    interaction_id = request.values.get("i", "")
    waiting(interaction_id)
    shared = request.form.get("shared") == "1"
    page = render_template("login/mail_code_enter.html", error=error, shared=shared, interaction_id=interaction_id)
    return later(page, status, 0)


def _show_forgot(*, error: str = "", retry_after: int = 0, status: int = 200) -> Response:
    page = render_template(
        "login/forgot.html",
        interaction_id=request.values.get("i", ""),
        by_mail=house().sign_in.by_mail.can_send,
        username=request.form.get("username", ""),
        error=error,
        retry_minutes=minutes(retry_after),
    )
    return later(page, status, retry_after)


def _show_password(errors: list[str], *, status: int = 200) -> Response:
    fields = {"mismatch": "new-password-2", "wrong_code": "code", "over": "code"}
    page = render_template(
        "login/forgot_code.html",
        interaction_id=request.values.get("i", ""),
        errors=[(fields.get(code, "new-password"), code) for code in errors],
        minimum=minimum_length("guardian"),
    )
    return later(page, status, 0)
