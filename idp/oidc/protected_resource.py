"""Interfaces of our own that clients call with their own access tokens (RFC 6750, RFC 9068 §4)."""

from __future__ import annotations

from idp.core.clock import local_date
from idp.oidc import access_token
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientScope, InvalidRequest, InvalidToken
from idp.oidc.ports import OidcUnit
from idp.oidc.scopes import split
from idp.oidc.server import Server


def bearer(authorization: str) -> str:
    """The token of an `Authorization` header (RFC 6750 §2.1). Raises InvalidToken without words when there is none."""
    scheme, _, unverified_token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not unverified_token.strip():
        raise InvalidToken("")
    if " " in unverified_token.strip():
        raise InvalidRequest("the Authorization header is not well-formed")
    return unverified_token.strip()


def client_of(server: Server, door: OidcUnit, unverified_token: str, *, scope: str) -> Client:
    """The client that shows a token of its own, issued for us, standing now, and granted `scope`.

    A person's token is refused even with the scope: it may lie in a browser, and what it would do here is done in the
    client's name. A scope that the operator has taken away since counts as not granted. Raises InvalidToken and
    InsufficientScope.
    """
    token = access_token.read(server, unverified_token)
    if token.audience != server.issuer:
        raise InvalidToken("the access token is for another audience")
    now = server.clock.now()
    with door.read() as stores:
        standing = stores.tokens.standing(grant_id=token.grant_id, client_id=token.client_id, jti=token.jti, now=now)
    if standing is None or standing.is_revoked:
        raise InvalidToken("the access token has been revoked")
    client = Client(standing.client)
    if not client.is_in_force(local_date(now)):
        raise InvalidToken("the client is switched off or past its end date")
    if token.grant_id:
        raise InsufficientScope("a token of the client itself is needed (client_credentials)")
    if scope not in split(token.scope) or scope not in client.approved_scopes:
        raise InsufficientScope(f"the access token was not granted {scope}")
    return client
