"""Access tokens: JWTs of RFC 9068 with exactly one audience (RFC 8707), short-lived, and checkable on every use.

The `jti` carries the grant's id, so that UserInfo and introspection find the grant without a table of tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from idp.core.clock import epoch
from idp.core.ids import b64url, b64url_decode, random_bytes
from idp.jose import compact
from idp.jose.errors import BadToken
from idp.oidc.client import Client
from idp.oidc.errors import InvalidToken
from idp.oidc.ports import GrantRecord
from idp.oidc.server import ACCESS_TTL, Server

TYPE = "at+jwt"
ALG = "ES256"
_JTI_BYTES = 28
_NO_GRANT = 0xFF
"""First byte of the `jti` of a client's own token. Ids of grants are UUIDv7, whose first byte is 0x01 until 10 889."""

_REQUIRED = {"aud": str, "client_id": str, "scope": str, "exp": int}
"""What RFC 9068 §2.2 demands and we read; `aud` as one string, for every token of ours has one audience."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token of ours with a good signature, in its time. Whether its grant still stands is another question."""

    claims: Mapping[str, Any]
    jti: str
    grant_id: str
    """Empty for a client's own token."""

    @property
    def audience(self) -> str:
        return str(self.claims["aud"])

    @property
    def client_id(self) -> str:
        return str(self.claims["client_id"])

    @property
    def scope(self) -> str:
        return str(self.claims["scope"])


def for_grant(server: Server, client: Client, grant: GrantRecord, *, scope: str, audience: str) -> str:
    """A token for what a person granted."""
    return _sign(
        server,
        client,
        scope=scope,
        audience=audience,
        jti=bytes.fromhex(grant.id) + random_bytes(_JTI_BYTES - 16),
        about={
            "sub": server.subjects.sub(client.record.sector, grant.person_id),
            "auth_time": epoch(grant.auth_time),
            "acr": grant.acr,
            "amr": list(grant.amr),
        },
    )


def for_client(server: Server, client: Client, *, scope: str, audience: str) -> str:
    """A token for the client itself: its subject is the client (RFC 9068 §2.2)."""
    jti = bytes((_NO_GRANT,)) + random_bytes(_JTI_BYTES - 1)
    return _sign(server, client, scope=scope, audience=audience, jti=jti, about={"sub": client.client_id})


def _sign(server: Server, client: Client, *, scope: str, audience: str, jti: bytes, about: dict[str, Any]) -> str:
    now = epoch(server.clock.now())
    claims = {
        "iss": server.issuer,
        "aud": audience,
        "client_id": client.client_id,
        "scope": scope,
        "jti": b64url(jti),
        "iat": now,
        "exp": now + int(ACCESS_TTL.total_seconds()),
        **about,
    }
    return compact.sign(claims, server.ring().signing(ALG), typ=TYPE)


def read(server: Server, unverified_token: str) -> AccessToken:
    """Checks type, signature, issuer and time. Raises InvalidToken: an ID token is no access token (RFC 9068 §4)."""
    try:
        token = compact.read(unverified_token, typ=(TYPE,))
        key = server.ring(token.kid).verifying(token.kid)
        if key is None or key.alg != ALG:
            raise BadToken("not signed by a key of ours")
        claims = compact.verify(token, key.public_key, alg=ALG)
        jti = b64url_decode(str(claims["jti"]))
        if not all(isinstance(claims[name], kind) for name, kind in _REQUIRED.items()):
            raise BadToken("a claim is not of its type")
    except (BadToken, KeyError, ValueError) as error:
        raise InvalidToken("the access token is not valid", detail=str(error)) from error
    if claims.get("iss") != server.issuer or claims["exp"] <= epoch(server.clock.now()) or len(jti) != _JTI_BYTES:
        raise InvalidToken("the access token is not valid or has expired")
    return AccessToken(claims, str(claims["jti"]), "" if jti[0] == _NO_GRANT else jti[:16].hex())
