"""A code becomes tokens (RFC 6749 §4.1.3, RFC 7636 §4.6).

One UPDATE spends the code, and only when everything about it is right at once, so of two parallel redemptions exactly
one wins. Only when it spends nothing do we look why: a code spent before was copied, and takes its tokens with it.
"""

from __future__ import annotations

from datetime import datetime

from idp.core.clock import local_date
from idp.oidc import opaque, token_answer
from idp.oidc.client import Client
from idp.oidc.errors import InvalidGrant, InvalidRequest
from idp.oidc.opaque import Opaque
from idp.oidc.pkce import challenge_of, is_verifier
from idp.oidc.ports import OidcUnit, Stores
from idp.oidc.request import Params
from idp.oidc.scopes import split
from idp.oidc.server import ACCESS_TTL, KEEP_GRANT, REFRESH_ABSOLUTE, REFRESH_TTL, Server
from idp.oidc.token_answer import TokenAnswer

_REFUSED = "the code is not valid, has expired, or was issued for another request"


def redeem(server: Server, door: OidcUnit, client: Client, params: Params) -> TokenAnswer | InvalidGrant:
    """Tokens for a code. Raises InvalidRequest and InvalidTarget; returns InvalidGrant after the commit."""
    unverified_code, redirect_uri = params.get("code"), params.get("redirect_uri")
    if not unverified_code or not redirect_uri:
        raise InvalidRequest("code or redirect_uri is missing")
    verifier = params.get("code_verifier")
    if verifier and not is_verifier(verifier):
        raise InvalidRequest("code_verifier is not well-formed")
    code = opaque.read(server.token_key, opaque.CODE, unverified_code)
    if code is None:
        return InvalidGrant(_REFUSED)
    server.ring().signing(client.id_token_alg)  # A missing key must show before the code is spent, not after.
    now = server.clock.now()
    refresh = opaque.mint(server.token_key, opaque.REFRESH, code.grant_id)
    may_have_refresh = token_answer.may_refresh(client, tuple(client.approved_scopes))
    with door.write() as stores:
        grant = stores.grants.redeem(
            {
                "id": code.grant_id,
                "code_hash": code.digest,
                "client_id": client.client_id,
                "redirect_uri": redirect_uri,
                # Without a verifier only a code without a challenge fits, and the other way round (CVE-2024-23647).
                "code_challenge": challenge_of(verifier) if verifier else "",
                "now": now,
                "today": local_date(now),
                "refresh_hash": refresh.digest if may_have_refresh else "",
                "refresh_expires_at": now + REFRESH_TTL if may_have_refresh else None,
                "expires_at": now + (REFRESH_ABSOLUTE if may_have_refresh else ACCESS_TTL + KEEP_GRANT),
            }
        )
        if grant is None:
            _judge(stores, client, code, now)
            return InvalidGrant(_REFUSED)
        # A wrong target raises and so leaves the code unspent.
        scopes = split(grant.scope)
        asked = params.resources[0] if params.resources else ""
        audience = token_answer.audience_of(server, tuple(grant.resource), scopes, asked)
        stores.audit.record(
            "tokens_issued",
            now=now,
            person_id=grant.person_id,
            client_id=client.client_id,
            data=token_answer.trace(client, grant, by="authorization_code", scopes=scopes, audience=audience),
        )
    gives_refresh = token_answer.may_refresh(client, scopes)
    return token_answer.for_grant(
        server,
        client,
        grant,
        scopes=scopes,
        audience=audience,
        refresh_token=refresh.text if gives_refresh else "",
        nonce=grant.nonce,
    )


def _judge(stores: Stores, client: Client, code: Opaque, now: datetime) -> None:
    """A genuine code that was spent before is replay: its whole grant ends (RFC 6749 §4.1.2)."""
    history = stores.grants.history(code.grant_id)
    if history is None or history.code_hash != code.digest or history.code_consumed_at is None:
        return
    if stores.grants.revoke(code.grant_id, now=now):
        stores.audit.record(
            "code_reused",
            now=now,
            person_id=history.person_id,
            client_id=client.client_id,
            data={"grant": code.grant_id},
        )
