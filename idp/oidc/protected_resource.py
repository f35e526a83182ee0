"""Interfaces of our own that clients call with access tokens: their own, or a person's (RFC 6750, RFC 9068 §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from idp.core.clock import local_date
from idp.oidc import access_token
from idp.oidc.access_token import AccessToken
from idp.oidc.client import Client
from idp.oidc.errors import InsufficientScope, InvalidRequest, InvalidToken
from idp.oidc.ports import GrantRecord, OidcUnit, Stores
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
    token, client, _ = _standing(server, door, unverified_token)
    if token.grant_id:
        denied(server, door, client, "token_of_person")
        raise InsufficientScope("a token of the client itself is needed (client_credentials)")
    _check_scope(server, door, token, client, scope)
    return client


def person_of(server: Server, door: OidcUnit, unverified_token: str, *, scope: str) -> tuple[Client, GrantRecord]:
    """The client and the grant of a person whose token, issued for us with `scope`, stands now.

    Session, membership, person and client are asked at every call: what ended a moment ago opens nothing. Only the
    operator's own apps (basis `contract`) act in the name of a person: nobody was told in a dialogue what these scopes
    open, and no school may open them for another's app. Raises InvalidToken and InsufficientScope.
    """
    token, client, grant = _standing(server, door, unverified_token)
    if not token.grant_id:
        denied(server, door, client, "token_of_client")
        raise InsufficientScope("a token of a person is needed")
    if grant is None:
        denied(server, door, client, "ended")
        raise InvalidToken("the access token has been revoked")
    _check_scope(server, door, token, client, scope)
    if client.basis != "contract":
        denied(server, door, client, "not_own_app")
        raise InsufficientScope("only the operator's own apps act in the name of a person")
    return client, grant


def released(
    server: Server, door: OidcUnit, client: Client, grant: GrantRecord, told: Mapping[str, Iterable[str]]
) -> None:
    """Writes down what of whose data, by person, a client received with a person's token (order-456 reference, D7).

    The same names about the same person for the same grant are written once an hour: who asks every second takes no
    turn at the writer's lock.
    """
    now = server.clock.now()
    facts = {
        person_id: {"claims": sorted(claims), "grant": grant.id, "basis": client.basis}
        for person_id, claims in told.items()
        if claims
    }

    def is_new(stores: Stores, person_id: str) -> bool:
        since, data = _hour(now), facts[person_id]
        return not stores.audit.happened(
            "claims_released", since=since, person_id=person_id, client_id=client.client_id,
            claims=data["claims"], grant=grant.id,
        )  # fmt: skip

    with door.read() as stores:
        fresh = [person_id for person_id in facts if is_new(stores, person_id)]
    if not fresh:
        return
    with door.write() as stores:
        for person_id in fresh:
            if is_new(stores, person_id):
                stores.audit.record(
                    "claims_released", now=now, person_id=person_id, client_id=client.client_id,
                    data=facts[person_id],
                )  # fmt: skip


def denied(server: Server, door: OidcUnit, client: Client, why: str) -> None:
    """Writes down that a client was refused, in a transaction of its own: once for a client, a reason and an hour."""
    now = server.clock.now()
    known: dict[str, Any] = {"since": _hour(now), "client_id": client.client_id, "why": why}
    with door.read() as stores:
        if stores.audit.happened("api_denied", **known):
            return
    with door.write() as stores:
        if not stores.audit.happened("api_denied", **known):
            stores.audit.record("api_denied", now=now, client_id=client.client_id, data={"why": why})


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _standing(
    server: Server, door: OidcUnit, unverified_token: str
) -> tuple[AccessToken, Client, GrantRecord | None]:  # fmt: skip
    token = access_token.read(server, unverified_token)
    if token.audience != server.issuer:
        raise InvalidToken("the access token is for another audience")
    now = server.clock.now()
    with door.read() as stores:
        standing = stores.tokens.standing(grant_id=token.grant_id, client_id=token.client_id, jti=token.jti, now=now)
    if standing is None:
        raise InvalidToken("the access token has been revoked")
    client = Client(standing.client)
    if standing.is_revoked:
        denied(server, door, client, "ended")
        raise InvalidToken("the access token has been revoked")
    if not client.is_in_force(local_date(now)):
        denied(server, door, client, "client_off")
        raise InvalidToken("the client is switched off or past its end date")
    return token, client, standing.grant


def _check_scope(server: Server, door: OidcUnit, token: AccessToken, client: Client, scope: str) -> None:
    if scope not in split(token.scope) or scope not in client.approved_scopes:
        denied(server, door, client, "scope")
        raise InsufficientScope(f"the access token was not granted {scope}")
