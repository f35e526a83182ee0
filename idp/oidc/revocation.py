"""/oauth/revoke (RFC 7009): a client gives a token back. What is unknown counts as revoked."""

from __future__ import annotations

from datetime import UTC, datetime

from idp.oidc import access_token, opaque
from idp.oidc.client import Client
from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidRequest, InvalidToken, UnauthorizedClient
from idp.oidc.ports import OidcUnit
from idp.oidc.request import EndpointRequest
from idp.oidc.server import Server


def revoke(server: Server, door: OidcUnit, request: EndpointRequest) -> None:
    """A refresh token takes its family along, an access token goes alone, by `jti` (RFC 7009 §2.1).

    Raises InvalidRequest without a token and UnauthorizedClient for another client's one.
    """
    client = authenticate(server, door, request)
    unverified_token = request.params.get("token")
    if not unverified_token:
        raise InvalidRequest("token is missing")
    refresh = opaque.read(server.token_key, opaque.REFRESH, unverified_token)
    if refresh is not None:
        _family(server, door, client, refresh.grant_id)
        return
    try:
        token = access_token.read(server, unverified_token)
    except InvalidToken:
        return  # RFC 7009 §2.2: an invalid token is no error.
    if token.client_id != client.client_id:
        raise UnauthorizedClient("the token was issued to another client")
    with door.write() as stores:
        stores.tokens.revoke(token.jti, expires_at=datetime.fromtimestamp(token.claims["exp"], UTC))
        stores.audit.record(
            "token_revoked",
            now=server.clock.now(),
            client_id=client.client_id,
            data={"grant": token.grant_id, "kind": "access_token"},
        )


def _family(server: Server, door: OidcUnit, client: Client, grant_id: str) -> None:
    now = server.clock.now()
    with door.write() as stores:
        history = stores.grants.history(grant_id)
        if history is None:
            return
        if history.client_id != client.client_id:
            raise UnauthorizedClient("the token was issued to another client")
        if stores.grants.revoke(grant_id, now=now):
            stores.audit.record(
                "token_revoked",
                now=now,
                person_id=history.person_id,
                client_id=client.client_id,
                data={"grant": grant_id, "kind": "refresh_token"},
            )
