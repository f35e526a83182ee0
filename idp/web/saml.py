"""The door of SAML 2.0: HTTP into messages of the engine, its answers back into HTTP."""

from __future__ import annotations

import logging
from urllib.parse import parse_qsl

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, Invalid, NotFound, TooSoon
from idp.services.login import Visitor
from idp.web import i18n
from idp.web.cookies import browser_id, clear_session, session_token
from idp.web.entrance import with_interaction
from idp.web.form_post import form_post
from idp.web.house import house
from idp.web.incoming import refuse_unwritable, takes

bp = Blueprint("saml", __name__, url_prefix="/saml")
METADATA_TYPE = "application/samlmetadata+xml"
_SOAP_TYPE = "text/xml; charset=utf-8"
_MAX_FORM = 1024 * 1024
_MAX_FIELDS = 32
_log = logging.getLogger(__name__)


@bp.get("/metadata")
def metadata() -> Response:
    """SAML Metadata §4.1.1: the document lies at our entityID."""
    return _document(house().saml().metadata())


@bp.get("/mdq/entities/<path:identifier>")
def mdq(identifier: str) -> Response:
    """Metadata Query Protocol: ours by its entityID or by the SHA-1 of it."""
    if not house().saml().is_about_us(identifier):
        raise NotFound("no such entity")
    return _document(house().saml().metadata())


@bp.route("/sso", methods=["GET", "POST"])
@takes(_MAX_FORM)
def sso() -> WerkzeugResponse:
    """SAML Profiles §4.1. `interaction` goes on with what waited for its person; `providerId`, `target` and `shire`
    begin a sign-on here, in the words that Shibboleth gave them."""
    cookie, door = session_token(request), house().saml()
    if request.method == "POST":
        pairs = _form()
        if not cookie:
            # A form on a service's page brings no SameSite cookie; the GET that follows does.
            return see_other(url_for("saml.sso", posted=door.keep_form(pairs)))
        return answered(door.by_form(pairs, session_token=cookie, browser=browser_id))
    if b"SAMLRequest=" in request.query_string:
        return answered(door.by_query(request.query_string, session_token=cookie, browser=browser_id))
    if interaction_id := request.args.get("interaction", ""):
        return answered(door.resume(interaction_id, session_token=cookie, browser=browser_id()))
    if number := request.args.get("posted", ""):
        return answered(door.by_form(door.kept_form(number), session_token=cookie, browser=browser_id))
    if "providerId" in request.args:
        entity_id, target, consumer = (_one(name) for name in ("providerId", "target", "shire"))
        return answered(door.begin(entity_id, target, consumer, session_token=cookie, browser=browser_id))
    return answered(door.by_query(request.query_string, session_token=cookie, browser=browser_id))


@bp.route("/slo", methods=["GET", "POST"])
@takes(_MAX_FORM)
def slo() -> WerkzeugResponse:
    """SAML Profiles §4.4, through the browser. Nothing here leans on a cookie: requests are signed, and answers name a
    request of ours."""
    door = house().saml()
    received = door.from_form(_form()) if request.method == "POST" else door.from_query(request.query_string)
    response = logged_out(door.logout.receive(received), is_under_way=received.kind == "SAMLResponse")
    if house().sessions.current(session_token(request)) is None:
        clear_session(response)
    return response


@bp.post("/soap")
@takes(_MAX_FORM)
def soap() -> Response:
    """SAML Bindings §3.2: LogoutRequest, and AuthnRequest of an enhanced client with HTTP Basic."""
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    credentials = (basic.username or "", basic.password or "") if basic else None
    visitor = Visitor(request.remote_addr or "", "ECP", i18n.language(), browser_id="")
    try:
        envelope = house().saml().answer_soap(request.get_data(cache=False), visitor, credentials)
    except TooSoon as error:
        return _envelope(house().saml().fault("too many attempts"), 429, retry_after=error.retry_after)
    except Denied:
        return _challenge()
    except Invalid as error:
        return _fault(error)
    return _challenge() if envelope is None else _envelope(envelope, 200)


@bp.post("/artifact")
@takes(_MAX_FORM)
def artifact() -> Response:
    """SAML Profiles §5: ArtifactResolve."""
    try:
        return _envelope(house().saml().resolve(request.get_data(cache=False)), 200)
    except Invalid as error:
        return _fault(error)


def answered(answer: object) -> WerkzeugResponse:
    """Sends the browser on: to the service, or to the page that asks its person."""
    from idp.saml.sign_on import Interact, Need, PostForm, Redirect

    if isinstance(answer, Interact):
        page = "login.choose" if answer.need is Need.LOGIN else "consent.page"
        return see_other(with_interaction(url_for(page), answer.interaction_id))
    if isinstance(answer, PostForm):
        return form_post(answer.uri, answer.fields)
    assert isinstance(answer, Redirect)
    return see_other(answer.uri)


def logged_out(step: object, *, is_under_way: bool = False) -> WerkzeugResponse:
    """On to the next service that has to hear of it, back to who asked, or our own page, which says whom we could not
    reach. `is_under_way` once the browser has been at such a service."""
    from idp.saml.sign_on import Redirect
    from idp.services.saml_door import Finished

    if isinstance(step, Redirect) and (is_under_way or "SAMLRequest=" in step.uri):
        return _onward(step.uri)
    if not isinstance(step, Finished):
        return answered(step)
    if step.return_to and not step.failed:
        return _onward(step.return_to) if is_under_way else see_other(step.return_to)
    names = house().school_services.names(step.failed, language=i18n.language())
    return make_response(
        render_template("login/signed_out.html", return_link=None, missed=names, return_to=step.return_to)
    )


def see_other(uri: str) -> WerkzeugResponse:
    """303, never 307: what was posted here must not be posted on."""
    return redirect(uri, 303)


def _onward(uri: str) -> Response:
    """By a page that leads on by itself. A sign-out begins with a form, and the policy of the page that had it names
    where its redirects may end (CSP 3, `form-action`): the service where the person pressed the button knows no other.
    """
    response = make_response(render_template("login/signing_out.html", address=uri))
    response.headers["Refresh"] = f"0; url={uri}"
    return response


def _form() -> list[tuple[str, str]]:
    """The fields of a form of another site, each as often as it came."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Invalid("the message must come in a form", code="saml_message")
    try:
        body = request.get_data(cache=False).decode("ascii")
        return parse_qsl(body, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS, separator="&")
    except ValueError as error:
        raise Invalid("the form is not well-formed", code="saml_message") from error


def _one(name: str) -> str:
    """A parameter that may occur once (CVE-2026-9689)."""
    values = request.args.getlist(name)
    refuse_unwritable(values)
    if len(values) > 1:
        raise Invalid("a parameter occurs twice", code="saml_message")
    return values[0][:2000] if values else ""


def _document(data: bytes) -> Response:
    response = Response(data, content_type=METADATA_TYPE)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    response.make_conditional(request)
    return response


def _envelope(data: bytes, status: int, *, retry_after: int = 0) -> Response:
    response = Response(data, status=status, content_type=_SOAP_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _fault(error: Invalid) -> Response:
    """SAML Bindings §3.2.3.3: what is no message of SAML is answered in SOAP. It is the sender's mistake and none of
    ours, for which SOAP 1.1 §6.2 has 500."""
    _log.info("refused", extra={"code": error.code, "detail": error.detail or error.description})
    return _envelope(house().saml().fault(error.description or error.code), 400)


def _challenge() -> Response:
    response = Response(status=401, headers={"Cache-Control": "no-store"})
    response.headers["WWW-Authenticate"] = 'Basic realm="bilim-id", charset="UTF-8"'
    return response


@bp.record_once
def _exempt_from_csrf(state: BlueprintSetupState) -> None:
    """These endpoints are called by other sites and by machines; none changes anything on the strength of a cookie."""
    state.app.extensions["csrf"].exempt(bp)
