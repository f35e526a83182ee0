"""A client acts for itself (RFC 6749 §4.4): no person, no ID token, no refresh token."""

from __future__ import annotations

from idp.oidc import access_token
from idp.oidc.client import Client
from idp.oidc.errors import InvalidScope, InvalidTarget, UnauthorizedClient
from idp.oidc.ports import OidcUnit
from idp.oidc.request import Params
from idp.oidc.scopes import IDENTITY_SCOPES, split
from idp.oidc.server import Server
from idp.oidc.token_answer import TokenAnswer


def issue(server: Server, door: OidcUnit, client: Client, params: Params) -> TokenAnswer:
    """Raises UnauthorizedClient for public clients, InvalidScope and InvalidTarget for what is not approved."""
    if client.is_public:
        raise UnauthorizedClient("a public client cannot act for itself")
    own = client.approved_scopes - IDENTITY_SCOPES
    scopes = split(params.get("scope")) or tuple(sorted(own))
    if not set(scopes).issubset(own):
        raise InvalidScope("a scope is not approved for this client, or needs a person")
    audience = _audience(server, client, params)
    token = access_token.for_client(server, client, scope=" ".join(scopes), audience=audience)
    with door.write() as stores:
        stores.audit.record(
            "tokens_issued",
            now=server.clock.now(),
            client_id=client.client_id,
            data={"by": "client_credentials", "scope": " ".join(scopes), "aud": audience},
        )
    return TokenAnswer(token, " ".join(scopes))


def _audience(server: Server, client: Client, params: Params) -> str:
    """The resource asked for, else the only approved one, else the issuer, whose own interfaces take it."""
    approved = tuple(client.record.resources)
    if params.resources:
        if params.resources[0] not in (*approved, server.issuer):
            raise InvalidTarget("the resource is not approved for this client")
        return params.resources[0]
    return approved[0] if len(approved) == 1 else server.issuer
