"""/oauth/token: knows the client, picks the grant; each grant is a file in `grants/` (RFC 6749 §3.2, §4)."""

from __future__ import annotations

from collections.abc import Callable

from idp.oidc.client import Client
from idp.oidc.client_auth import authenticate
from idp.oidc.errors import InvalidRequest, OidcError, UnauthorizedClient, UnsupportedGrantType
from idp.oidc.grants import authorization_code, client_credentials, refresh_token
from idp.oidc.ports import OidcUnit
from idp.oidc.request import EndpointRequest, Params
from idp.oidc.server import Server
from idp.oidc.token_answer import TokenAnswer

Grant = Callable[[Server, OidcUnit, Client, Params], TokenAnswer | OidcError]
GRANTS: dict[str, Grant] = {
    "authorization_code": authorization_code.redeem,
    "refresh_token": refresh_token.refresh,
    "client_credentials": client_credentials.issue,
}


def token(server: Server, door: OidcUnit, request: EndpointRequest) -> TokenAnswer:
    """Tokens for a grant. Raises OidcError; what a replayed code or token took with it stays revoked."""
    client = authenticate(server, door, request)
    grant_type = request.params.get("grant_type")
    if not grant_type:
        raise InvalidRequest("grant_type is missing")
    grant = GRANTS.get(grant_type)
    if grant is None:
        raise UnsupportedGrantType("this grant_type is not supported")
    if grant_type not in _allowed(client):
        raise UnauthorizedClient("the client did not register this grant_type")
    if len(request.params.resources) > 1:
        raise InvalidRequest("one resource a token: ask once for each")
    answer = grant(server, door, client, request.params)
    if isinstance(answer, OidcError):
        raise answer
    return answer


def _allowed(client: Client) -> set[str]:
    """Registered grant types; who may have offline_access may use what it gives (OIDC Core §11)."""
    allowed = set(client.grant_types)
    if "offline_access" in client.approved_scopes:
        allowed.add("refresh_token")
    return allowed
