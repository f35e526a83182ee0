"""/oauth/userinfo: what the operator approved, the person agreed to and the token asks for (OIDC Core §5.3)."""

from __future__ import annotations

from typing import Any

from idp.core.clock import local_date
from idp.oidc import access_token, claims
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientScope, InvalidToken
from idp.oidc.ports import OidcUnit
from idp.oidc.scopes import OPENID, claims_for, split
from idp.oidc.server import Server


def userinfo(server: Server, door: OidcUnit, unverified_token: str) -> dict[str, Any]:
    """`sub` and the released claims. Raises InvalidToken and InsufficientScope.

    Everything is read afresh: what ended a moment ago (a membership, a guardianship) is absent now.
    """
    token = access_token.read(server, unverified_token)
    if token.audience != server.issuer:
        raise InvalidToken("the access token is for another audience")
    if not token.grant_id or OPENID not in split(token.scope):
        raise InsufficientScope("the access token was not granted openid")
    now = server.clock.now()
    with door.read() as stores:
        standing = stores.tokens.standing(grant_id=token.grant_id, client_id=token.client_id, jti=token.jti, now=now)
        if standing is None or standing.grant is None or standing.is_revoked:
            raise InvalidToken("the access token has been revoked")
        client, grant = Client(standing.client), standing.grant
        if not client.is_in_force(local_date(now)):
            raise InvalidToken("the client is switched off or past its end date")
        names = claims_for(split(token.scope), client.approved_claims)
        basis: dict[str, Any] = {"basis": client.basis}
        if client.basis == "consent":
            # What was approved later, or withdrawn, is not what the person agreed to.
            consent = stores.consents.find(
                person_id=grant.person_id, client_id=client.client_id, membership_id=grant.membership_id
            )
            names = tuple(name for name in names if consent is not None and name in consent.claims)
            basis["consent"] = consent.id if consent else ""
        released = claims.release(server, stores.claims, client, grant.person_id, grant.membership_id, names)
    sub = server.subjects.sub(client.record.sector, grant.person_id)
    with door.write() as stores:
        stores.audit.record(
            "claims_released",
            now=now,
            person_id=grant.person_id,
            client_id=client.client_id,
            data={"claims": sorted(released), "grant": grant.id, **basis},
        )
    return {"sub": sub, **released}
