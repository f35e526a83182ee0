"""private_key_jwt: a client proves itself with a short-lived JWT of its own (RFC 7523 §3, RFC 10070)."""

from __future__ import annotations

from typing import Any

from idp.core.clock import epoch
from idp.core.errors import Unavailable
from idp.jose import client_keys, compact
from idp.jose.errors import BadToken, UnknownKey
from idp.oidc.client import Client
from idp.oidc.errors import InvalidClient
from idp.oidc.ports import OidcUnit
from idp.oidc.server import SKEW_AHEAD, Server

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PURPOSE = "client_assertion"
MAX_LIFE_SECONDS = 3600
"""What common libraries send; one good for longer would have to be remembered for longer."""
_TYPES = ("", "jwt", "client-authentication+jwt")


def unverified_subject(assertion: str) -> str:
    """Which client it claims to be. Raises InvalidClient when it is no JWT of ours to look at."""
    try:
        subject = compact.read(assertion, typ=_TYPES).unverified_claims.get("sub")
    except BadToken as error:
        raise InvalidClient("the client assertion is not acceptable", detail=str(error)) from error
    if not isinstance(subject, str) or not subject or "\x00" in subject:
        raise InvalidClient("the client assertion names no client")
    return subject


def accept(server: Server, door: OidcUnit, client: Client, assertion: str) -> None:
    """Checks signature, issuer, audience, time and, in a transaction of its own, that the `jti` is new.

    Of its own, because an assertion counts as used even when the request it came with is refused.
    """
    try:
        token = compact.read(assertion, typ=_TYPES)
        claims = _verify(server, client, token)
    except BadToken as error:
        raise InvalidClient("the client assertion is not acceptable", detail=str(error)) from error
    except Unavailable as error:
        raise InvalidClient("the keys of the client cannot be had", detail=error.detail) from error
    seconds_left = _check_claims(server, client, claims)
    with door.write() as stores:
        is_new = stores.one_time.put_if_new(
            f"{client.client_id} {claims['jti']}",
            purpose=PURPOSE,
            now=server.clock.now(),
            ttl_seconds=seconds_left + int(SKEW_AHEAD.total_seconds()),
        )
    if not is_new:
        raise InvalidClient("the client assertion was used before", detail="jti replayed")


def _verify(server: Server, client: Client, token: compact.Unverified) -> dict[str, Any]:
    if client.jwks is not None:
        return client_keys.verify_with(token, client.jwks, algs=client.assertion_algs)
    uri = client.jwks_uri
    if not uri:
        raise BadToken("the client has no keys")
    try:
        return client_keys.verify_with(token, server.client_keys.jwks(uri), algs=client.assertion_algs)
    except UnknownKey:
        # The client may have rotated since we last looked (OIDC Core §10.1.1).
        return client_keys.verify_with(token, server.client_keys.jwks(uri, fresh=True), algs=client.assertion_algs)


def _check_claims(server: Server, client: Client, claims: dict[str, Any]) -> int:
    """RFC 7523 §3 with RFC 10070's audience: the issuer as a string, so that no other server's request can be
    replayed here (CVE-2025-27370). Returns how many seconds the assertion is still good."""
    now = epoch(server.clock.now())
    ahead = int(SKEW_AHEAD.total_seconds())
    audience, jti = claims.get("aud"), claims.get("jti")
    expires = _number(claims.get("exp"))
    if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
        raise InvalidClient("iss and sub of the client assertion must be the client_id")
    allowed = [server.issuer]
    if client.accepts_token_endpoint_audience:
        allowed.append(server.url("/oauth/token"))
        if isinstance(audience, list) and len(audience) == 1:
            audience = audience[0]
    if not isinstance(audience, str) or audience not in allowed:
        raise InvalidClient("aud of the client assertion must be the issuer")
    if expires is None or not now < expires <= now + MAX_LIFE_SECONDS + ahead:
        raise InvalidClient("exp of the client assertion is missing, past or too far away")
    for name in ("iat", "nbf"):
        value = _number(claims.get(name, now))
        if value is None or value > now + ahead:
            raise InvalidClient(f"{name} of the client assertion lies in the future")
    if not isinstance(jti, str) or not 1 <= len(jti) <= 256:
        raise InvalidClient("jti of the client assertion is missing or too long")
    return int(expires) - now


def _number(value: object) -> int | float | None:
    """As it is: a whole number of four hundred digits compares, and does not fit a float."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
