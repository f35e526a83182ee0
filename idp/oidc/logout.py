"""Signing out: what an RP-initiated request may do without asking, and the token that tells clients.

OpenID Connect RP-Initiated Logout 1.0 and Back-Channel Logout 1.0. Without a valid hint for this very session
anybody's link could sign people out, so then the person is asked (CVE-2020-10734). Nothing redirects but to an
address registered by the client that the request proves or names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from idp.core.clock import epoch
from idp.core.ids import new_id
from idp.jose import compact
from idp.jose.errors import BadToken
from idp.oidc.client import Client
from idp.oidc.errors import PageError
from idp.oidc.id_token import Hint, read_hint
from idp.oidc.ports import Stores
from idp.oidc.request import Params
from idp.oidc.server import Server

LOGOUT_TOKEN_TTL_SECONDS = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_MAX_STATE = 2048


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A checked request. `redirect_uri` is empty or registered; `hint` None when none was sent."""

    client: Client | None
    hint: Hint | None
    redirect_uri: str
    state: str

    def return_address(self) -> str:
        """Where to go afterwards, with `state` echoed (RP-Initiated Logout §3), or an empty string."""
        if not self.redirect_uri or not self.state:
            return self.redirect_uri
        joint = "&" if "?" in self.redirect_uri else "?"
        return self.redirect_uri + joint + urlencode({"state": self.state})


def check(server: Server, stores: Stores, params: Params) -> LogoutRequest:
    """RP-Initiated Logout §2, §3, §4. Raises PageError: nothing here is told by redirect."""
    if params.repeated or len(params.get("state")) > _MAX_STATE:
        raise PageError("invalid_request", "a parameter occurs twice or is too long")
    hint = _hint(server, params.get("id_token_hint"))
    client_id = params.get("client_id")
    if hint is not None and client_id not in ("", hint.client_id):
        raise PageError("invalid_request", "client_id is not the audience of id_token_hint")
    client_id = hint.client_id if hint is not None else client_id
    record = stores.clients.find(client_id) if client_id else None
    if client_id and record is None:
        raise PageError("invalid_client", "no such client")
    client = Client(record) if record is not None else None
    redirect_uri = params.get("post_logout_redirect_uri")
    if redirect_uri and client is not None and redirect_uri not in client.post_logout_redirect_uris:
        raise PageError("invalid_redirect_uri", "post_logout_redirect_uri is not registered for this client")
    return LogoutRequest(client, hint, redirect_uri if client is not None else "", params.get("state"))


def may_end_unasked(server: Server, request: LogoutRequest, session_id: str) -> bool:
    """True when the hint was issued in this very session."""
    if request.hint is None or request.client is None:
        return False
    return request.hint.sid == server.subjects.sid(session_id, request.client.client_id)


def logout_token(server: Server, client: Client, *, person_id: str, session_id: str) -> str:
    """Back-Channel Logout §2.4: typed, short, with `sub` and `sid`, never with a nonce. Signed at delivery."""
    now = epoch(server.clock.now())
    claims: dict[str, Any] = {
        "iss": server.issuer,
        "aud": client.client_id,
        "iat": now,
        "exp": now + LOGOUT_TOKEN_TTL_SECONDS,
        "jti": new_id(),
        "events": {LOGOUT_EVENT: {}},
        "sub": server.subjects.sub(client.record.sector, person_id),
        "sid": server.subjects.sid(session_id, client.client_id),
    }
    return compact.sign(claims, server.ring().signing(client.id_token_alg), typ="logout+jwt")


def _hint(server: Server, unverified_hint: str) -> Hint | None:
    if not unverified_hint:
        return None
    try:
        return read_hint(server, unverified_hint)
    except BadToken as error:
        raise PageError("invalid_request", "id_token_hint is not an ID token of ours") from error
