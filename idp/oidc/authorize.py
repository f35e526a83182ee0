"""/oauth/authorize: the checks in their order, then a person where one is needed, then a code.

The only dispatcher: pages come back here with the interaction's id, and everything is checked again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from idp.core.ids import fingerprint, new_id
from idp.oidc import interaction, opaque
from idp.oidc.authorization import Answer, Authorization, FormPost, Interact, Need, Redirect
from idp.oidc.checks import client, consent, login, parameters, pkce, redirect_uri, scope
from idp.oidc.errors import AccessDenied, ConsentRequired, InvalidRequest, LoginRequired, OidcError, PageError
from idp.oidc.ports import OidcUnit, Stores
from idp.oidc.request import Params, collect
from idp.oidc.server import CODE_TTL, KEEP_GRANT, Server

REQUEST_CHECKS: tuple[Callable[[Authorization], None], ...] = (
    client.known,
    client.in_force,
    redirect_uri.registered,
    # From here on the client can be told by redirect.
    parameters.state_and_mode,
    client.no_repeated_parameter,
    parameters.nothing_by_object,
    parameters.response_type,
    client.may_use_code,
    pkce.challenge,
    scope.approved,
    scope.resources,
    parameters.prompt,
    parameters.max_age,
    login.level_asked,
    login.hint_is_ours,
)
PERSON_CHECKS: tuple[Callable[[Authorization], Need | None], ...] = (
    login.present,
    login.as_hinted,
    login.fresh,
    login.strong,
    client.serves_the_school,
    consent.data_may_go,
    consent.given,
)
_TOUCH_AFTER_SECONDS = 60


def authorize(
    server: Server, door: OidcUnit, params: Params, *, session_token: str, browser: str, interaction_id: str = ""
) -> Answer:
    """Answers one request. `session_token` is the cookie's value, `browser` the id that interactions are bound to.

    With `interaction_id` the kept request is taken instead of `params`. Raises PageError for what must be shown.
    """
    auth, need = _look(server, door, params, session_token, browser, interaction_id)
    if isinstance(need, OidcError):
        return _refusal(auth, need)
    if need is not None:
        if not interaction_id:
            with door.write() as stores:
                interaction_id = interaction.keep(stores.one_time, auth, browser)
        return Interact(need, interaction_id)
    with door.write() as stores:
        code = _issue(auth, stores)
    return _respond(auth, [("code", code)])


def deny(server: Server, door: OidcUnit, *, interaction_id: str, browser: str) -> Answer:
    """The person said no: `access_denied` to the client, after the same checks (RFC 6749 §4.1.2.1)."""
    auth, need = _look(server, door, Params({}), "", browser, interaction_id)
    refusal = need if isinstance(need, OidcError) else AccessDenied("the person declined")
    return _refusal(auth, refusal)


def check_request(
    server: Server, stores: Stores, params: Params, *, now: datetime, waiting_since: datetime | None = None
) -> tuple[Authorization, OidcError | None]:
    """Runs the first table. Raises PageError; what the client is to be told is returned."""
    auth = Authorization(server, params, stores, now, waiting_since)
    try:
        for check in REQUEST_CHECKS:
            check(auth)
    except OidcError as error:
        if not auth.redirect_uri:
            raise PageError("invalid_request", error.description) from error
        return auth, error
    return auth, None


def _look(
    server: Server, door: OidcUnit, params: Params, session_token: str, browser: str, interaction_id: str
) -> tuple[Authorization, Need | OidcError | None]:
    """Everything that only reads, in one read transaction."""
    now = server.clock.now()
    with door.read() as stores:
        waiting_since = None
        if interaction_id:
            waiting = interaction.load(stores.one_time, interaction_id, browser, now=now)
            params, waiting_since = _collect(waiting.params), waiting.created_at
        auth, refusal = check_request(server, stores, params, now=now, waiting_since=waiting_since)
        if refusal is not None:
            return auth, refusal
        if session_token:
            auth.session_or_none = stores.sessions.live(fingerprint(session_token), auth.client.client_id, now=now)
        try:
            return auth, _need(auth)
        except OidcError as error:
            return auth, error


def _collect(pairs: tuple[tuple[str, str], ...]) -> Params:
    try:
        return collect(pairs)
    except InvalidRequest as error:
        raise PageError("invalid_request", error.description) from error


def _need(auth: Authorization) -> Need | None:
    for check in PERSON_CHECKS:
        need = check(auth)
        if need is None:
            continue
        if auth.is_silent:
            raise (
                LoginRequired("the person must sign in")
                if need is Need.LOGIN
                else ConsentRequired("the person must agree")
            )
        return need
    return None


def _issue(auth: Authorization, stores: Stores) -> str:
    """The grant with its code, in one row, beside its trace."""
    session, client_id = auth.session, auth.client.client_id
    code = opaque.mint(auth.server.token_key, opaque.CODE, new_id())
    expires_at = auth.now + CODE_TTL
    stores.grants.add(
        {
            "id": code.grant_id,
            "client_id": client_id,
            "person_id": session.person_id,
            "session_id": session.id,
            "membership_id": session.membership_id,
            "scope": " ".join(auth.scopes),
            "resource": list(auth.resources),
            "redirect_uri": auth.redirect_uri,
            "nonce": auth.params.get("nonce"),
            "code_challenge": auth.code_challenge,
            "acr": session.acr,
            "amr": list(session.amr),
            "auth_time": session.auth_time,
            "code_hash": code.digest,
            "code_expires_at": expires_at,
            "created_at": auth.now,
            "expires_at": expires_at + KEEP_GRANT,
        }
    )
    stores.audit.record(
        "code_issued",
        now=auth.now,
        person_id=session.person_id,
        client_id=client_id,
        school_id=session.school_id or "",
        data={"grant": code.grant_id, "scope": " ".join(auth.scopes), "acr": session.acr},
    )
    if (auth.now - session.last_seen_at).total_seconds() >= _TOUCH_AFTER_SECONDS:
        stores.sessions.touch(session.id, now=auth.now)
    return code.text


def _refusal(auth: Authorization, error: OidcError) -> Answer:
    fields = [("error", error.error)]
    if error.description:
        fields.append(("error_description", error.description))
    return _respond(auth, fields)


def _respond(auth: Authorization, fields: list[tuple[str, str]]) -> Answer:
    """With `iss` always, in errors too, so that a client knows whose answer it is (RFC 9207 §2)."""
    if auth.state:
        fields.append(("state", auth.state))
    fields.append(("iss", auth.server.issuer))
    if auth.response_mode == "form_post":
        return FormPost(auth.redirect_uri, tuple(fields))
    joint = "&" if "?" in auth.redirect_uri else "?"
    return Redirect(auth.redirect_uri + joint + urlencode(fields))
