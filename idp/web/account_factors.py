"""Passkeys, the authenticator app and recovery codes of one's own: adding, naming, taking away."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Denied
from idp.services.factors import Setting
from idp.services.sessions import LiveSession
from idp.web.account_security import changing
from idp.web.cookies import set_session
from idp.web.entrance import visitor
from idp.web.house import house
from idp.web.qr import qr_svg

bp = Blueprint("account_factors", __name__, url_prefix="/account/security")
Page = str | Response | tuple[str, int]


def adding() -> LiveSession:
    """The session of who may add a factor: of staff, no first one after having come in by mail alone."""
    session = changing()
    house().sign_in.factors.check_first(session.person_id, session.acr, session.amr)
    return session


@bp.get("/passkeys/new")
def new_passkey() -> str:
    return _show_new(adding())


@bp.post("/passkeys/new")
def add_passkey() -> Page:
    """`response` is the JSON of the browser's answer, `label` what the person calls it."""
    session = adding()
    response, label = request.form.get("response", ""), request.form.get("label", "")
    try:
        house().sign_in.factors.add_passkey(session.person_id, response, bound=_bound(session), label=label)
    except Denied as error:
        if error.code not in ("enrolment_refused", "link_expired"):
            raise
        return _show_new(session, error="refused"), 422
    except Conflict:
        return _show_new(session, error="too_many"), 409
    return _done("passkey_added")


@bp.get("/passkeys/<passkey_id>")
def passkey(passkey_id: str) -> str:
    return _show_passkey(changing(), passkey_id)


@bp.post("/passkeys/<passkey_id>")
def rename_passkey(passkey_id: str) -> Response:
    session = changing()
    house().sign_in.factors.rename(session.person_id, passkey_id, request.form.get("label", ""))
    return _done("renamed")


@bp.post("/passkeys/<passkey_id>/remove")
def remove_passkey(passkey_id: str) -> Page:
    session = changing()
    try:
        house().sign_in.factors.remove_passkey(session.person_id, passkey_id, session_id=session.id)
    except Conflict:
        return _show_passkey(session, passkey_id, error="last_way_in"), 409
    return _done("passkey_removed")


@bp.get("/totp")
def totp() -> str:
    """A new key each time; what is there already stays good until a code of the new one was typed."""
    session = adding()
    return _show_totp(session, house().sign_in.factors.begin_totp(session.person_id, bound=_bound(session)))


@bp.post("/totp")
def add_totp() -> Page:
    """`setting` is the ticket of the key that was shown, `code` what the app says."""
    session, factors = adding(), house().sign_in.factors
    ticket, bound = request.form.get("setting", ""), _bound(session)
    try:
        raised = house().sign_in.again.set_up_totp(session, ticket, request.form.get("code", ""), visitor())
    except Denied as error:
        if error.code == "link_expired":
            return _show_totp(session, factors.begin_totp(session.person_id, bound=bound), error="over"), 400
        if error.code != "enrolment_refused":
            raise
        return _show_totp(session, factors.setting(session.person_id, ticket, bound=bound), error="wrong"), 422
    response = _done("totp_added")
    if raised is not None:
        set_session(response, raised.token, max_age=raised.max_age)
    return response


@bp.route("/totp/remove", methods=["GET", "POST"])
def remove_totp() -> Page:
    session = changing()
    if request.method == "GET":
        held = house().sign_in.factors.held(session.person_id)
        return render_template("account/totp_remove.html", person=_person(session), held=held)
    house().sign_in.factors.remove_totp(session.person_id, session_id=session.id)
    return _done("totp_removed")


@bp.route("/codes", methods=["GET", "POST"])
def codes() -> Page:
    """The page asks first: making codes ends the old ones. They are seen in the answer to the POST and nowhere else."""
    session = changing()
    held = house().sign_in.factors.held(session.person_id)
    if not held.has_factor:
        return redirect(url_for("account_security.page"), 303)
    made = house().sign_in.factors.make_codes(session.person_id) if request.method == "POST" else []
    return render_template("account/codes.html", person=_person(session), held=held, codes=made)


def _show_new(session: LiveSession, *, error: str = "") -> str:
    options = house().sign_in.factors.begin_passkey(session.person_id, bound=_bound(session))
    return render_template("account/passkey_new.html", person=_person(session), options=options, error=error)


def _show_passkey(session: LiveSession, passkey_id: str, *, error: str = "") -> str:
    found = house().sign_in.factors.passkey(session.person_id, passkey_id)
    return render_template("account/passkey.html", person=_person(session), passkey=found, error=error)


def _show_totp(session: LiveSession, setting: Setting, *, error: str = "") -> str:
    return render_template(
        "account/totp.html",
        person=_person(session),
        setting=setting,
        qr_svg=qr_svg(setting.uri),
        error=error,
        replaces=house().sign_in.factors.held(session.person_id).totp is not None,
    )


def _person(session: LiveSession) -> object:
    return house().credentials.person(session.person_id)


def _bound(session: LiveSession) -> str:
    """An enrolment belongs to the session it began in."""
    return session.id


def _done(what: str) -> Response:
    return redirect(url_for("account_security.page", done=what), 303)
