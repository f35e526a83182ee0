"""ID tokens (OIDC Core §2): who signed in, how and when. Names and the like come from UserInfo (§5.4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from idp.core.clock import epoch
from idp.core.ids import b64url
from idp.jose import compact
from idp.jose.errors import BadToken
from idp.oidc.client import Client
from idp.oidc.ports import GrantRecord
from idp.oidc.server import ID_TOKEN_TTL, Server

TYPE = "JWT"
ABOUT_PERSON = ("sub", "auth_time", "acr", "amr")
"""What tokens say of a person, whatever was approved; the rest comes from UserInfo and is logged there."""
ALGORITHMS = ("ES256", "RS256")


def mint(server: Server, client: Client, grant: GrantRecord, *, access_token: str, nonce: str) -> str:
    """Signed with the algorithm the client registered. `nonce` is empty on refresh (OIDC Core §12.2)."""
    now = epoch(server.clock.now())
    claims: dict[str, Any] = {
        "iss": server.issuer,
        "sub": server.subjects.sub(client.record.sector, grant.person_id),
        "aud": client.client_id,
        "iat": now,
        "exp": now + int(ID_TOKEN_TTL.total_seconds()),
        "auth_time": epoch(grant.auth_time),
        "acr": grant.acr,
        "amr": list(grant.amr),
        "sid": server.subjects.sid(grant.session_id, client.client_id),
        "at_hash": b64url(hashlib.sha256(access_token.encode("ascii")).digest()[:16]),
    }
    if nonce:
        claims["nonce"] = nonce
    return compact.sign(claims, server.ring().signing(client.id_token_alg), typ=TYPE)


@dataclass(frozen=True, slots=True)
class Hint:
    """An `id_token_hint` that we did sign, perhaps long ago."""

    sub: str
    client_id: str
    sid: str


def read_hint(server: Server, unverified_token: str) -> Hint:
    """An expired hint is fine when its signature is good (RP-Initiated Logout §4). Raises BadToken otherwise."""
    token = compact.read(unverified_token, typ=("jwt",))
    key = server.ring(token.kid).verifying(token.kid)
    if key is None:
        raise BadToken("not signed by a key of ours")
    claims = compact.verify(token, key.public_key, alg=key.alg)
    if claims.get("iss") != server.issuer or not isinstance(claims.get("aud"), str) or "events" in claims:
        raise BadToken("not an ID token of ours")
    return Hint(str(claims.get("sub", "")), str(claims["aud"]), str(claims.get("sid", "")))
