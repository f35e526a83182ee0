"""The addresses of the service provider: `/login`, `/logout`, and below `/saml/` metadata, ACS and logout service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from onelogin.saml2.response import OneLogin_Saml2_Response

from clients.kit.access import current_person
from clients.kit.api import SessionEnded
from clients.kit.cookies import clear_session, session_cookie, set_session
from clients.kit.kit import kit
from clients.kit.person import Person
from clients.kit.sessions import Tokens
from clients.kit.targets import own_path
from clients.lms.saml import logout as single_logout
from clients.lms.saml import responses, sessions
from clients.lms.saml.flows import Answer, Flow, Flows
from clients.lms.saml.metadata import Described, own_metadata
from clients.lms.saml.service_provider import SKEW, NameId, ServiceProvider
from idp.core.errors import Denied, Invalid, Unavailable
from idp.core.ids import fingerprint, new_secret, same

bp = Blueprint("saml", __name__)
_BROWSER = "browser"
"""In the flow cookie: a secret of this browser."""
_UNFINISHED = frozenset(("AuthnFailed", "NoPassive", "NoAuthnContext", "UnknownPrincipal"))


@dataclass(frozen=True, slots=True)
class Saml:
    provider: ServiceProvider
    flows: Flows
    described: Described
    on_sign_in: Callable[[Person], None]


def saml() -> Saml:
    return cast(Saml, current_app.extensions["saml"])


@bp.get("/saml/metadata")
def metadata() -> ResponseReturnValue:
    own = saml()
    document = own_metadata(own.provider, kit().settings.base_url, own.described)
    return Response(document, content_type="application/samlmetadata+xml")


@bp.get("/login")
def login() -> ResponseReturnValue:
    """Starts a sign-in at once; a session that exists does not shorten it: roles may have changed."""
    own = saml()
    target = own_path(request.args.get("next", ""), kit().settings.base_url)
    relay_state = new_secret(16)
    sent = own.provider.sign_in_request(relay_state)
    browser = session.setdefault(_BROWSER, new_secret())
    own.flows.begin(sent.request_id, Flow(relay_state, fingerprint(browser), target))
    return redirect(sent.address, 303)


@bp.post("/saml/acs")
def acs() -> ResponseReturnValue:
    """The IdP's answer. Unasked ones are refused, whoever signed them: only `/login` begins a sign-in."""
    own = saml()
    encoded, relay_state = responses.form_fields(request.form.to_dict(flat=False))
    response = responses.parsed(own.provider, encoded)
    request_id = response.get_in_response_to() or ""
    flow = own.flows.find(request_id)
    if flow is None:
        raise Invalid("no such request", code="link_expired", detail="InResponseTo")
    if not same(relay_state, flow.relay_state):
        raise Denied("not the RelayState we sent", code="login_failed", detail="RelayState")
    if responses.status_of(response)[:1] != ("Success",):
        return _refused(response, request_id)
    assertion = responses.accepted(own.provider, response, request_id)
    own.flows.note_once(own.provider.idp().entity_id, assertion.id, assertion.presentable_until + 2 * SKEW)
    if own.flows.take(request_id) is None:
        raise Invalid("answered already", code="link_expired", detail="InResponseTo")
    answer = Answer(
        browser=flow.browser,
        target=flow.target,
        sub=assertion.sub,
        sid=sessions.sid_of(assertion.name_id.value),
        claims=assertion.claims | sessions.logout_claim(assertion.name_id, assertion.session_index),
        until=assertion.session_until.isoformat() if assertion.session_until else "",
    )
    return redirect(f"/saml/finish?{urlencode({'code': own.flows.hold(answer)})}", 303)


def _refused(response: OneLogin_Saml2_Response, request_id: str) -> ResponseReturnValue:
    """The IdP says no (SAML Core §3.2.2.2). Such an answer need not be signed: it gives nobody anything."""
    codes = responses.status_of(response)
    flow = saml().flows.take(request_id)
    again = f"/login?{urlencode({'next': flow.target if flow else '/'})}"
    if "RequestDenied" in codes:
        return render_template("kit/refused.html", reason="denied", again=again), 403
    if not _UNFINISHED.isdisjoint(codes):
        return render_template("kit/refused.html", reason="unfinished", again=again), 403
    raise Denied("the IdP refused", code="login_failed", detail=" ".join(codes)[:64])


@bp.get("/saml/finish")
def finish() -> ResponseReturnValue:
    """The session begins in the browser that asked for it."""
    own, shared = saml(), kit()
    answer = own.flows.fetch(request.args.get("code", ""))
    if answer is None or not same(answer.browser, fingerprint(session.get(_BROWSER, ""))):
        return _finish_without_answer()
    cookie = shared.sessions.create(
        sub=answer.sub,
        sid=answer.sid,
        tokens=Tokens("", "", "", shared.clock.now()),
        claims=answer.claims,
        instead_of=session_cookie(request, shared.settings),
        until=datetime.fromisoformat(answer.until) if answer.until else None,
    )
    own.on_sign_in(Person(answer.sub, "", answer.claims))
    session.clear()  # a form token from before the login is of no use after it
    response = make_response(redirect(answer.target, 303))
    set_session(response, shared.settings, cookie)
    return response


def _finish_without_answer() -> ResponseReturnValue:
    """The back button after a login that worked, or a login of another browser."""
    try:
        if current_person() is not None:
            return redirect("/", 303)
    except SessionEnded:
        pass
    raise Invalid("no such login here", code="link_expired")


@bp.post("/logout")
def sign_out() -> ResponseReturnValue:
    """Ends the session here, then asks the IdP to end it everywhere."""
    shared = kit()
    cookie = session_cookie(request, shared.settings)
    found = shared.sessions.find(cookie) if cookie else None
    target = "/?signed_out"
    if found is not None:
        shared.sessions.end(found.id)
        target = _logout_address(*sessions.logout_names(found.claims)) or "/?signed_out=here"
    session.clear()
    response = make_response(redirect(target, 303))
    clear_session(response, shared.settings)
    return response


def _logout_address(name_id: NameId, session_index: str) -> str:
    """Empty when the IdP cannot be asked: the person is signed out here all the same."""
    own = saml()
    relay_state = new_secret(16)
    try:
        sent = single_logout.request(own.provider, name_id, session_index, relay_state)
    except Unavailable:
        return ""
    if sent is None:
        return ""
    own.flows.begin(sent.request_id, Flow(relay_state))
    return sent.address


@bp.get("/saml/sls")
def sls() -> ResponseReturnValue:
    """Logout by redirect: the IdP asks for it, or answers our own request."""
    own = saml()
    message = single_logout.read(own.provider, request.query_string.decode("ascii", "replace"))
    if isinstance(message, single_logout.LogoutAsked):
        keep_until = own.provider.clock.now() + single_logout.OLDEST + SKEW
        own.flows.note_once(own.provider.idp().entity_id, message.id, keep_until)
        sessions.end_sessions(kit().database, message.name_id, message.session_indexes)
        return redirect(single_logout.answer(own.provider, message.id, message.relay_state), 303)
    flow = own.flows.take(message.in_response_to)
    if flow is None or not same(flow.relay_state, message.relay_state):
        return redirect("/", 303)
    return redirect("/?signed_out" if message.is_complete else "/?signed_out=partly", 303)
