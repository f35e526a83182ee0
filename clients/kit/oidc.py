"""Login, callback, sign-out and back-channel logout: OIDC Core §3.1 and §4, RP-Initiated and Back-Channel Logout 1.0.

PKCE S256, nonce and state are Authlib's, pinned in `app`; the issuer of the answer is checked here (RFC 9207).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError

from clients.kit.access import current_person
from clients.kit.api import SessionEnded, tokens_of
from clients.kit.cookies import clear_session, session_cookie, set_session
from clients.kit.i18n import language
from clients.kit.kit import oidc_kit
from clients.kit.logout_token import LEEWAY, read_logout_token
from clients.kit.logouts import end_named_sessions
from clients.kit.provider import OAuthError
from clients.kit.targets import own_path
from idp.core.errors import Conflict, Denied, Invalid, Unavailable

bp = Blueprint("oidc", __name__)
_HINT_MAX = 255
_UNFINISHED = ("login_required", "interaction_required", "account_selection_required", "consent_required")


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Starts a login at once. Also the `initiate_login_uri` of OIDC Core §4: iss, login_hint, target_link_uri.

    A session that exists does not shorten it: on a shared computer the IdP may know somebody else by now.
    """
    own = oidc_kit()
    sent = request.values
    if "iss" in sent and sent["iss"] != own.settings.issuer:
        raise Invalid("iss is not our issuer", code="invalid_request")
    target = own_path(sent.get("target_link_uri") or sent.get("next", ""), own.settings.base_url)
    extra = {"ui_locales": language()}
    if sent.get("login_hint"):
        extra["login_hint"] = sent["login_hint"][:_HINT_MAX]
    redirect_uri = f"{own.settings.base_url}/callback"
    made = own.provider.create_authorization_url(redirect_uri, **extra)
    own.provider.save_authorize_data(redirect_uri=redirect_uri, target=target, **made)
    return redirect(made["url"], 303)


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    own = oidc_kit()
    state = request.args.get("state", "")
    kept = own.provider.framework.get_state_data(session, state) if state else None
    if kept is None:
        # Not begun by this browser (login CSRF), or the back button after a login that worked.
        return _callback_without_login()
    if request.args.get("iss") != own.settings.issuer and (
        "iss" in request.args
        or own.provider.load_server_metadata().get("authorization_response_iss_parameter_supported")
    ):
        own.provider.framework.clear_state_data(session, state)
        raise Denied("the answer came from another issuer", code="invalid_request")
    if "error" in request.args:
        own.provider.framework.clear_state_data(session, state)
        return _refused(request.args["error"], kept["target"])
    try:
        answer = own.provider.exchanged()
    except (OAuth2Error, OAuthError, JoseError) as error:
        raise Denied("the IdP refused the code", code="login_failed", detail=type(error).__name__) from error
    claims: dict[str, Any] = dict(answer.get("userinfo") or {})
    if not claims.get("sub"):
        raise Denied("no ID token", code="login_failed")
    cookie = own.sessions.create(
        sub=str(claims["sub"]),
        sid=str(claims.get("sid") or ""),
        tokens=tokens_of(answer, own),
        claims={name: claims[name] for name in ("auth_time", "acr", "amr") if name in claims},
        instead_of=session_cookie(request, own.settings),
    )
    session.clear()  # a form token from before the login is of no use after it
    response = make_response(redirect(kept["target"], 303))
    set_session(response, own.settings, cookie)
    return response


def _callback_without_login() -> ResponseReturnValue:
    try:
        if current_person() is not None:
            return redirect("/", 303)
    except (SessionEnded, Unavailable):
        pass
    raise Invalid("no such login here", code="link_expired")


def _refused(error: str, target: str) -> ResponseReturnValue:
    again = f"/login?{urlencode({'next': target})}"
    if error == "access_denied":
        return render_template("kit/refused.html", reason="denied", again=again), 403
    if error in _UNFINISHED:
        return render_template("kit/refused.html", reason="unfinished", again=again), 403
    if error == "temporarily_unavailable":
        raise Unavailable("the IdP is busy", code="unavailable")
    raise Denied("the IdP refused the login", code="login_failed", detail=error[:64])


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Ends the session here, then at the IdP, which ends all others by the back channel."""
    own = oidc_kit()
    cookie = session_cookie(request, own.settings)
    found = own.sessions.find(cookie) if cookie else None
    target = "/?signed_out"
    if found is not None:
        own.sessions.end(found.id)
        target = _end_session_address(found.tokens.id_token) or target
    session.clear()
    response = make_response(redirect(target, 303))
    clear_session(response, own.settings)
    return response


def _end_session_address(id_token: str) -> str:
    """Empty when the IdP cannot be reached or offers none: the person is signed out here all the same."""
    own = oidc_kit()
    try:
        made = own.provider.create_logout_url(
            post_logout_redirect_uri=f"{own.settings.base_url}/",
            id_token_hint=id_token or None,
            state="signed_out",
            client_id=own.client_id,
            ui_locales=language(),
        )
    except (Unavailable, RuntimeError):
        return ""
    return str(made["url"])


@bp.post("/backchannel-logout")
def backchannel_logout() -> ResponseReturnValue:
    """Back-Channel Logout §2.5 to §2.8: 200 when the named sessions are gone, 400 for a token that is not right."""
    own = oidc_kit()
    try:
        token = read_logout_token(
            request.form.get("logout_token", ""),
            keys=own.provider.key_set,
            issuer=own.settings.issuer,
            client_id=own.client_id,
            now=own.clock.now(),
        )
        keep_until = datetime.fromtimestamp(token.exp + 2 * LEEWAY, UTC)
        end_named_sessions(own.database, token, keep_until=keep_until)
    except (Invalid, Conflict) as error:
        return _uncached(400, {"error": "invalid_request", "error_description": error.description})
    return _uncached(200, {})


def _uncached(status: int, body: dict[str, str]) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
