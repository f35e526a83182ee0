"""How I sign in: one page of every way, the password, the second step; every change asks for a recent sign-in."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Conflict, Denied, TooSoon
from idp.services.interactions import Interaction
from idp.services.passwords import minimum_length, mistakes
from idp.services.rights import RECENT
from idp.services.sessions import LiveSession
from idp.web import i18n
from idp.web.account_door import person_session
from idp.web.cookies import browser_id
from idp.web.entrance import minutes
from idp.web.house import house

bp = Blueprint("account_security", __name__)
_DONE = (
    "password", "passkey_added", "passkey_removed", "renamed", "totp_added", "totp_removed", "email", "email_removed",
    "second",
)  # fmt: skip


def changing() -> LiveSession:
    """The session of who may change how they sign in: a recent sign-in, a strong one of who has a strong method."""
    session = person_session()
    acr = house().sign_in.factors.level_for_change(session.person_id, session.amr)
    return person_session(acr, RECENT)


@bp.get("/.well-known/change-password")
def well_known() -> WerkzeugResponse:
    """Where password managers send people (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect(url_for("account_security.password_page"), 302)


@bp.get("/account/security")
def page() -> str:
    session = person_session()
    done = request.args.get("done", "")
    return render_template(
        "account/security.html",
        person=house().credentials.person(session.person_id),
        held=house().sign_in.factors.held(session.person_id),
        can_send=house().sign_in.by_mail.can_send,
        passkeys_off=bool(house().login.why_off("passkey")),
        sessions=[
            {"id": one.id, "browser": one.browser, "last_seen": one.last_seen_at, "current": one.id == session.id}
            for one in house().sessions.of_person(session.person_id)
        ],
        done=done if done in _DONE else "",
        recovered=request.args.get("recovered") == "1",
        waits=_waits(request.args.get("i", "")),
    )


def _waits(interaction_id: str) -> Interaction | None:
    """The client's request that a sign-in with a recovery code put off."""
    return house().interactions.get(interaction_id, browser_id(), language=i18n.language()) if interaction_id else None


@bp.get("/account/security/second")
def second_page() -> str:
    session = changing()
    return _show_second(session)


@bp.post("/account/security/second")
def second() -> str | WerkzeugResponse | tuple[str, int]:
    """Whether a second step is asked for after every password: `on` 1 or 0."""
    session = changing()
    try:
        house().sign_in.factors.switch_second_step(session.person_id, on=request.form.get("on") == "1")
    except Conflict:
        return _show_second(session), 409
    return redirect(url_for("account_security.page", done="second"), 303)


def _show_second(session: LiveSession) -> str:
    return render_template(
        "account/second.html",
        person=house().credentials.person(session.person_id),
        held=house().sign_in.factors.held(session.person_id),
    )


@bp.get("/account/password")
@bp.get("/account/security/password")
def password_page() -> Response:
    return _show_password(person_session(), [])


@bp.post("/account/password")
@bp.post("/account/security/password")
def change_password() -> Response | WerkzeugResponse:
    """The old one is typed again, which is as recent as can be; who has a strong method shows that too."""
    session = person_session()
    acr = house().sign_in.factors.level_for_change(session.person_id, session.amr)
    session = person_session(acr)
    person = house().credentials.person(session.person_id)
    assert person is not None
    old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
    wrong = mistakes(new, request.form.get("new_password_2", ""), person, role=house().sessions.role_of(person.id))
    if not wrong and old == new:
        wrong = ["same_as_old"]
    if wrong:
        return _show_password(session, wrong, status=422)
    try:
        house().credentials.change_password(
            person, old, new, place=request.remote_addr or "", throttle=house().throttle(), session_id=session.id,
            post=house().sign_in.post,
        )  # fmt: skip
    except TooSoon as error:
        return _show_password(session, ["throttled"], status=429, retry_after=error.retry_after)
    except Denied:
        return _show_password(session, ["wrong"], status=422)
    return redirect(url_for("account_security.page", done="password"), 303)


def _show_password(session: LiveSession, errors: list[str], *, status: int = 200, retry_after: int = 0) -> Response:
    fields = {"mismatch": "new-password-2", "wrong": "old-password", "throttled": "old-password"}
    role = house().sessions.role_of(session.person_id)
    page = render_template(
        "account/change_password.html",
        person=house().credentials.person(session.person_id),
        role=role,
        minimum=minimum_length(role),
        errors=[(fields.get(code, "new-password"), code) for code in errors],
        retry_minutes=minutes(retry_after),
    )
    return make_response(page, status)
