"""Signing out: asked for by a client (OpenID Connect RP-Initiated Logout 1.0) or by the person on our own page."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import validate_csrf

from idp.core.errors import Invalid
from idp.oidc import logout as engine
from idp.oidc.checks.redirect_uri import origin_of
from idp.oidc.errors import InvalidRequest, PageError
from idp.oidc.logout import LogoutRequest
from idp.oidc.request import Params, collect
from idp.services.interactions import face_of
from idp.services.sessions import LiveSession
from idp.web import i18n, saml
from idp.web.cookies import clear_session, session_token
from idp.web.house import house
from idp.web.oidc import front_channel_pairs, see_other

bp = Blueprint("logout", __name__)
_CARRIED = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")


@bp.route("/oauth/logout", methods=["GET", "POST"])
def end_session() -> Response:
    """GET and POST (§2). Ends unasked only with a hint of this very session; else the person is asked."""
    pairs = front_channel_pairs()
    cookie = session_token(request)
    if request.method == "POST" and not cookie:
        # A form on a client's page brings no SameSite cookie; the GET that follows does.
        return see_other(f"{url_for('logout.end_session')}?{urlencode(pairs)}")
    try:
        params = collect(pairs)
    except InvalidRequest as error:
        raise PageError("invalid_request", error.description) from error
    i18n.wish(params.get("ui_locales"))
    with house().oidc_stores.read() as stores:
        asked = engine.check(house().oidc, stores, params)
    session = house().sessions.current(cookie)
    if session is None:
        # Nothing to end: back to the client whose own token proves that it sent the person here.
        return _leave(asked, may_return=asked.hint is not None)
    if request.method == "POST" and params.get("answer"):
        return _answered(asked, session, params)
    if engine.may_end_unasked(house().oidc, asked, session.id):
        return _end(asked, session, reason="by_client")
    return _ask(asked, session, params)


@bp.get("/oauth/signed-out")
def signed_out() -> Response:
    """Where signing out ends when no client is waiting."""
    return make_response(render_template("login/signed_out.html", return_link=None, missed=(), return_to=""))


def _answered(asked: LogoutRequest, session: LiveSession, params: Params) -> Response:
    """The person pressed a button on our page, which only our own form can prove."""
    try:
        validate_csrf(params.get("csrf_token"))
    except ValueError as error:
        raise Invalid("the form is out of date", code="csrf") from error
    if params.get("answer") != "yes":
        return see_other(url_for("account.home"))
    return _end(asked, session, reason="by_person")


def _end(asked: LogoutRequest, session: LiveSession, *, reason: str) -> Response:
    """Ends the session for both protocols. Services of SAML that hear of it through this browser alone come before the
    way back."""
    if not house().logout.reaches_saml(session.id):
        house().logout.end(session.id, reason=reason)
        return _leave(asked, may_return=True)
    address = asked.return_address() or url_for("logout.signed_out")
    response = make_response(saml.logged_out(house().saml().logout.end(session.id, reason=reason, return_to=address)))
    clear_session(response)
    return response


def _ask(asked: LogoutRequest, session: LiveSession, params: Params) -> Response:
    if asked.redirect_uri:
        g.form_action = [origin_of(asked.redirect_uri)]
    person = house().credentials.person(session.person_id)
    return make_response(
        render_template(
            "login/logout.html",
            client=face_of(asked.client, i18n.language()) if asked.client else None,
            fields=[(name, params.get(name)) for name in _CARRIED if params.get(name)],
            person=person,
        )
    )


def _leave(asked: LogoutRequest, *, may_return: bool) -> Response:
    address = asked.return_address() if may_return else ""
    response = see_other(address or url_for("logout.signed_out"))
    clear_session(response)
    return response


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """Clients post here too; the button on our own page is checked in `_answered`."""
    state.app.extensions["csrf"].exempt(bp)
