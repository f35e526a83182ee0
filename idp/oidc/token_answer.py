"""What /oauth/token answers, and how the tokens of a person's grant are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from idp.oidc import access_token, id_token
from idp.oidc.client import Client
from idp.oidc.errors import InvalidTarget
from idp.oidc.ports import GrantRecord
from idp.oidc.scopes import OFFLINE, OPENID
from idp.oidc.server import ACCESS_TTL, Server


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A successful answer (RFC 6749 §5.1); empty members are left out."""

    access_token: str
    scope: str
    id_token: str = ""
    refresh_token: str = ""

    def as_json(self) -> dict[str, Any]:
        """`expires_in` in seconds."""
        answer: dict[str, Any] = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": int(ACCESS_TTL.total_seconds()),
            "scope": self.scope,
        }
        if self.id_token:
            answer["id_token"] = self.id_token
        if self.refresh_token:
            answer["refresh_token"] = self.refresh_token
        return answer


def for_grant(
    server: Server,
    client: Client,
    grant: GrantRecord,
    *,
    scopes: tuple[str, ...],
    audience: str,
    refresh_token: str,
    nonce: str,
) -> TokenAnswer:
    """Signs the access token and, with `openid`, the ID token. Runs after the commit, outside any transaction."""
    scope = " ".join(scopes)
    access = access_token.for_grant(server, client, grant, scope=scope, audience=audience)
    identity = ""
    if OPENID in scopes:
        identity = id_token.mint(server, client, grant, access_token=access, nonce=nonce)
    return TokenAnswer(access, scope, identity, refresh_token)


def trace(client: Client, grant: GrantRecord, *, by: str, scopes: tuple[str, ...], audience: str) -> dict[str, Any]:
    """What the log keeps of a release by tokens: to whom comes with the event, here is what, and on which basis."""
    return {
        "grant": grant.id,
        "by": by,
        "scope": " ".join(scopes),
        "aud": audience,
        "claims": list(id_token.ABOUT_PERSON) if OPENID in scopes else ["sub"],
        "basis": client.basis,
    }


def may_refresh(client: Client, scopes: tuple[str, ...]) -> bool:
    """Refresh tokens go to clients registered for them, and to those granted `offline_access`."""
    return OFFLINE in scopes or "refresh_token" in client.grant_types


def audience_of(server: Server, granted: tuple[str, ...], scopes: tuple[str, ...], asked: str) -> str:
    """The one audience of a token (RFC 8707 §2.2). The issuer itself stands for UserInfo.

    `granted` are the resources of the authorization, `asked` the one of this request, empty when none.
    Raises InvalidTarget when it was not granted, or when several were and none is named.
    """
    if asked:
        if asked in granted or (asked == server.issuer and OPENID in scopes):
            return asked
        raise InvalidTarget("the resource was not granted")
    if len(granted) == 1:
        return granted[0]
    if not granted or OPENID in scopes:
        return server.issuer
    raise InvalidTarget("name one of the granted resources")
