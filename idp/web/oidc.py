"""The door of OAuth 2.0 and OpenID Connect: HTTP into requests of the engine, its answers back into HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request, url_for
from flask.blueprints import BlueprintSetupState

from idp.oidc import authorize as engine
from idp.oidc.authorization import Answer, FormPost, Interact, Need
from idp.oidc.errors import InvalidClient, InvalidRequest, InvalidToken, OidcError, PageError
from idp.oidc.introspection import introspect
from idp.oidc.request import EndpointRequest, Params, collect, read_form, read_pairs
from idp.oidc.revocation import revoke
from idp.oidc.token import token
from idp.oidc.userinfo import userinfo
from idp.web import i18n
from idp.web.cookies import browser_id, session_token
from idp.web.form_post import form_post
from idp.web.house import house

bp = Blueprint("oidc", __name__)
_log = logging.getLogger(__name__)
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Expose-Headers": "WWW-Authenticate",
    "Access-Control-Max-Age": "3600",
}


@bp.route("/oauth/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """RFC 6749 §4.1.1, OIDC Core §3.1.2. `interaction` continues a request that waited for its person."""
    pairs = front_channel_pairs()
    cookie = session_token(request)
    if request.method == "POST" and not cookie:
        # A form on a client's page brings no SameSite cookie; the GET that follows does.
        return see_other(f"{url_for('oidc.authorize')}?{urlencode(pairs)}")
    interaction_id = next((value for name, value in pairs if name == "interaction"), "")
    try:
        params = collect(pairs) if not interaction_id else Params({})
    except InvalidRequest as error:
        raise PageError("invalid_request", error.description) from error
    i18n.wish(params.get("ui_locales"))
    answer = engine.authorize(
        house().oidc,
        house().oidc_stores,
        params,
        session_token=cookie,
        browser=browser_id(),
        interaction_id=interaction_id,
    )
    return answered(answer)


def answered(answer: Answer) -> Response:
    """Sends the browser on: to the client, or to the page that asks its person."""
    if isinstance(answer, Interact):
        page = "login.choose" if answer.need is Need.LOGIN else "consent.page"
        return see_other(url_for(page, i=answer.interaction_id))
    if isinstance(answer, FormPost):
        return form_post(answer.uri, answer.fields)
    return see_other(answer.uri)


def see_other(uri: str) -> Response:
    """303, never 307: what was posted here must not be posted on (RFC 9700 §4.12)."""
    return Response(status=303, headers={"Location": uri, "Cache-Control": "no-store"})


def front_channel_pairs() -> list[tuple[str, str]]:
    """Parameters of a request that a browser brings: the query of a GET, the form of a POST. Raises PageError."""
    try:
        if request.method != "POST":
            return read_pairs(request.query_string)
        read_form(b"", request.content_type or "")
        return read_pairs(request.get_data(cache=False))
    except InvalidRequest as error:
        raise PageError("invalid_request", error.description) from error


def _machine(view: Callable[[], dict[str, Any] | None]) -> Callable[[], Response]:
    """A back-channel endpoint: JSON that nobody stores, errors in the words of the specifications."""

    @wraps(view)
    def answer() -> Response:
        if request.method == "OPTIONS":
            return Response(status=204, headers=_CORS)
        try:
            body = view()
        except OidcError as error:
            return _refused(error)
        response = Response(status=200) if body is None else jsonify(body)
        return _unstored(response)

    return answer


@bp.route("/oauth/token", methods=["POST", "OPTIONS"])
@_machine
def token_endpoint() -> dict[str, Any]:
    """RFC 6749 §3.2."""
    return token(house().oidc, house().oidc_stores, _endpoint_request()).as_json()


@bp.route("/oauth/introspect", methods=["POST"])
@_machine
def introspection_endpoint() -> dict[str, Any]:
    """RFC 7662."""
    return introspect(house().oidc, house().oidc_stores, _endpoint_request())


@bp.route("/oauth/revoke", methods=["POST", "OPTIONS"])
@_machine
def revocation_endpoint() -> None:
    """RFC 7009."""
    revoke(house().oidc, house().oidc_stores, _endpoint_request())


@bp.route("/oauth/userinfo", methods=["GET", "POST", "OPTIONS"])
@_machine
def userinfo_endpoint() -> dict[str, Any]:
    """OIDC Core §5.3."""
    return userinfo(house().oidc, house().oidc_stores, _bearer())


def _endpoint_request() -> EndpointRequest:
    """Only the body counts: parameters in the address would end up in logs (RFC 6749 §2.3.1)."""
    if request.query_string:
        raise InvalidRequest("parameters belong in the body")
    params = read_form(request.get_data(cache=False), request.content_type or "")
    return EndpointRequest(params, request.headers.get("Authorization", ""))


def _bearer() -> str:
    """The access token, from the header or the form and from one place only (RFC 6750 §2). Raises InvalidToken."""
    scheme, _, unverified_token = request.headers.get("Authorization", "").partition(" ")
    in_header = unverified_token.strip() if scheme.lower() == "bearer" else ""
    in_form = ""
    if request.method == "POST" and request.content_length and request.mimetype.endswith("form-urlencoded"):
        in_form = read_form(request.get_data(cache=False), request.content_type or "").get("access_token")
    if in_header and in_form:
        raise InvalidRequest("the access token came twice")
    if not in_header and not in_form:
        raise InvalidToken("")
    return in_header or in_form


def _refused(error: OidcError) -> Response:
    _log.info("refused", extra={"error": error.error, "detail": error.detail or error.description})
    body = {"error": error.error}
    if error.description and error.description != error.error:
        body["error_description"] = error.description
    response = jsonify(body)
    response.status_code = error.status
    if isinstance(error, InvalidClient):
        if error.challenge:
            response.headers["WWW-Authenticate"] = 'Basic realm="bilim-id"'
    elif request.endpoint == "oidc.userinfo_endpoint":
        response.headers["WWW-Authenticate"] = _bearer_challenge(error)
    return _unstored(response)


def _bearer_challenge(error: OidcError) -> str:
    """RFC 6750 §3: no error code when no token was shown."""
    if isinstance(error, InvalidToken) and not error.description:
        return 'Bearer realm="bilim-id"'
    challenge = f'Bearer realm="bilim-id", error="{error.error}", error_description="{error.description}"'
    return challenge + (', scope="openid"' if error.error == "insufficient_scope" else "")


def _unstored(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    if request.endpoint != "oidc.introspection_endpoint":
        response.headers.update(_CORS)
    return response


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """These endpoints are called by other sites and by machines; none changes anything on the strength of a cookie."""
    csrf = state.app.extensions["csrf"]
    csrf.exempt(bp)
