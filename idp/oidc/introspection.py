"""/oauth/introspect (RFC 7662): whether a token still stands, told only to whom it concerns."""

from __future__ import annotations

from typing import Any

from idp.core.clock import epoch, local_date
from idp.oidc import access_token, opaque
from idp.oidc.client import Client
from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidClient, InvalidRequest, InvalidToken
from idp.oidc.ports import OidcUnit
from idp.oidc.request import EndpointRequest
from idp.oidc.server import Server

INACTIVE: dict[str, Any] = {"active": False}


def introspect(server: Server, door: OidcUnit, request: EndpointRequest) -> dict[str, Any]:
    """The token's facts, or `{"active": false}` and nothing else (RFC 7662 §2.2). Raises InvalidClient."""
    caller = authenticate(server, door, request)
    if caller.is_public:
        raise InvalidClient("a public client cannot introspect (RFC 7662 section 4)")
    unverified_token = request.params.get("token")
    if not unverified_token:
        raise InvalidRequest("token is missing")
    refresh = opaque.read(server.token_key, opaque.REFRESH, unverified_token)
    if refresh is not None:
        return _of_refresh(server, door, caller, refresh)
    try:
        token = access_token.read(server, unverified_token)
    except InvalidToken:
        return INACTIVE
    if not _concerns(caller, token):
        return INACTIVE
    with door.read() as stores:
        standing = stores.tokens.standing(
            grant_id=token.grant_id, client_id=token.client_id, jti=token.jti, now=server.clock.now()
        )
    if standing is None or standing.is_revoked or (token.grant_id and standing.grant is None):
        return INACTIVE
    if not Client(standing.client).is_in_force(local_date(server.clock.now())):
        return INACTIVE
    return {"active": True, "token_type": "Bearer", **token.claims}


def _concerns(caller: Client, token: access_token.AccessToken) -> bool:
    """Whom the token was issued to, and the audience it was issued for (RFC 7662 §4)."""
    return token.client_id == caller.client_id or token.audience in (caller.client_id, *caller.record.resources)


def _of_refresh(server: Server, door: OidcUnit, caller: Client, refresh: opaque.Opaque) -> dict[str, Any]:
    with door.read() as stores:
        standing = stores.tokens.standing(
            grant_id=refresh.grant_id, client_id=caller.client_id, jti="", now=server.clock.now()
        )
        history = stores.grants.history(refresh.grant_id)
    if standing is None or standing.grant is None or history is None or history.refresh_hash != refresh.digest:
        return INACTIVE
    grant, expires_at = standing.grant, standing.grant.refresh_expires_at
    if expires_at is None or expires_at <= server.clock.now():
        return INACTIVE
    return {
        "active": True,
        "client_id": caller.client_id,
        "scope": grant.scope,
        "sub": server.subjects.sub(caller.record.sector, grant.person_id),
        "iss": server.issuer,
        "exp": epoch(expires_at),
    }
