"""A refresh token becomes new tokens (RFC 6749 §6, RFC 9700 §4.14.2): rotated, and its reuse ends the family.

Never wider than what was granted (CVE-2024-52287), and nothing for people, clients or memberships that have ended.
"""

from __future__ import annotations

from datetime import datetime

from idp.core.clock import local_date
from idp.oidc import opaque, token_answer
from idp.oidc.client import Client
from idp.oidc.errors import InvalidGrant, InvalidRequest, InvalidScope
from idp.oidc.opaque import Opaque
from idp.oidc.ports import OidcUnit, Stores
from idp.oidc.request import Params
from idp.oidc.scopes import split
from idp.oidc.server import REFRESH_TTL, Server
from idp.oidc.token_answer import TokenAnswer

_REFUSED = "the refresh token is not valid, has expired, or belongs to another client"


def refresh(server: Server, door: OidcUnit, client: Client, params: Params) -> TokenAnswer | InvalidGrant:
    """Raises InvalidRequest, InvalidScope and InvalidTarget; returns InvalidGrant after the commit."""
    unverified_token = params.get("refresh_token")
    if not unverified_token:
        raise InvalidRequest("refresh_token is missing")
    current = opaque.read(server.token_key, opaque.REFRESH, unverified_token)
    if current is None:
        return InvalidGrant(_REFUSED)
    server.ring().signing(client.id_token_alg)
    now = server.clock.now()
    following = opaque.mint(server.token_key, opaque.REFRESH, current.grant_id)
    if not client.rotates_refresh_tokens:
        following = current
    with door.write() as stores:
        grant = stores.grants.rotate(
            {
                "id": current.grant_id,
                "refresh_hash": current.digest,
                "client_id": client.client_id,
                "now": now,
                "today": local_date(now),
                "next_hash": following.digest,
                "next_expires_at": now + REFRESH_TTL,
            }
        )
        if grant is None:
            _judge(stores, client, current, now)
            return InvalidGrant(_REFUSED)
        # Wrong wishes raise and so leave the token as it was.
        scopes = _narrowed(split(grant.scope), params.get("scope"), client)
        asked = params.resources[0] if params.resources else ""
        audience = token_answer.audience_of(server, tuple(grant.resource), scopes, asked)
        stores.audit.record(
            "tokens_issued",
            now=now,
            person_id=grant.person_id,
            client_id=client.client_id,
            data=token_answer.trace(client, grant, by="refresh_token", scopes=scopes, audience=audience),
        )
    return token_answer.for_grant(
        server,
        client,
        grant,
        scopes=scopes,
        audience=audience,
        refresh_token=following.text,
        nonce="",
    )


def _narrowed(granted: tuple[str, ...], asked: str, client: Client) -> tuple[str, ...]:
    """What this token may do: granted, still approved, and no more than asked (RFC 6749 §6)."""
    wanted = split(asked) or granted
    if not set(wanted).issubset(granted):
        raise InvalidScope("a refresh cannot widen the scope")
    return tuple(scope for scope in wanted if scope in client.approved_scopes)


def _judge(stores: Stores, client: Client, used: Opaque, now: datetime) -> None:
    """Truly ours by its tag, yet not the current one: an old token came back, so one of two holders stole it."""
    history = stores.grants.history(used.grant_id)
    if history is None or history.refresh_hash == used.digest:
        return
    if stores.grants.revoke(used.grant_id, now=now):
        stores.audit.record(
            "refresh_reused",
            now=now,
            person_id=history.person_id,
            client_id=client.client_id,
            data={"grant": used.grant_id},
        )
