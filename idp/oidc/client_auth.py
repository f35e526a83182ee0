"""Who calls a back-channel endpoint: exactly one method, and only the one the client registered (RFC 6749 §2.3).

A client with a secret cannot come without it (CVE-2026-44476); one with a key cannot come with a secret.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_plus

from idp.core.clock import local_date
from idp.core.ids import fingerprint, same
from idp.oidc import client_assertion
from idp.oidc.client import Client
from idp.oidc.errors import InvalidClient, InvalidRequest
from idp.oidc.ports import OidcUnit
from idp.oidc.request import EndpointRequest, Params
from idp.oidc.server import Server

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")


@dataclass(frozen=True, slots=True)
class _Presented:
    """What the caller shows, not yet believed."""

    method: str
    client_id: str
    secret: str = ""
    assertion: str = ""


def authenticate(server: Server, door: OidcUnit, request: EndpointRequest) -> Client:
    """The client, in force and authenticated. Raises InvalidClient, or InvalidRequest for two methods at once.

    Fetches and checks outside a write transaction; a failure of a known client is audited in one of its own.
    """
    shown = _presented(request)
    by_header = shown.method == "client_secret_basic"
    with door.read() as stores:
        record = stores.clients.find(shown.client_id)
    client = Client(record) if record is not None else None
    try:
        if client is None:
            raise InvalidClient("client authentication failed", detail="no such client", challenge=by_header)
        if client.auth_method != shown.method:
            detail = f"{shown.method} used, {client.auth_method} registered"
            raise InvalidClient("client authentication failed", detail=detail, challenge=by_header)
        if shown.secret and not same(fingerprint(shown.secret), client.record.secret_hash):
            raise InvalidClient("client authentication failed", detail="wrong secret", challenge=by_header)
        if shown.assertion:
            client_assertion.accept(server, door, client, shown.assertion)
        if not client.is_in_force(local_date(server.clock.now())):
            raise InvalidClient("the client is switched off or past its end date", challenge=by_header)
    except InvalidClient as error:
        if client is not None:
            _audit(server, door, client, error)
        raise
    return client


def _presented(request: EndpointRequest) -> _Presented:
    params = request.params
    in_header = bool(request.authorization)
    in_body = bool(params.get("client_secret"))
    by_key = bool(params.get("client_assertion") or params.get("client_assertion_type"))
    if in_header + in_body + by_key > 1:
        raise InvalidRequest("more than one way of client authentication")
    if in_header:
        shown = _from_header(request.authorization)
        if params.get("client_id") not in ("", shown.client_id):
            raise InvalidRequest("client_id and Authorization name different clients")
        return shown
    if by_key:
        return _from_assertion(params)
    client_id = params.get("client_id")
    if not client_id:
        raise InvalidClient("client authentication is missing")
    if in_body:
        return _Presented("client_secret_post", client_id, secret=params.get("client_secret"))
    return _Presented("none", client_id)


def _from_header(authorization: str) -> _Presented:
    """HTTP Basic with both halves form-encoded first (RFC 6749 §2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > 4096:
        raise InvalidClient("the Authorization header is not Basic", challenge=True)
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        client_id, colon, secret = decoded.partition(":")
        client_id, secret = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError) as error:
        raise InvalidClient("the Authorization header is not well-formed", challenge=True) from error
    if not colon or not client_id or not secret or "\x00" in client_id:
        raise InvalidClient("the Authorization header is not well-formed", challenge=True)
    return _Presented("client_secret_basic", client_id, secret=secret)


def _from_assertion(params: Params) -> _Presented:
    """RFC 7521 §4.2; `client_id` beside it may only repeat the subject."""
    if params.get("client_assertion_type") != client_assertion.TYPE or not params.get("client_assertion"):
        raise InvalidClient("client_assertion_type is not supported")
    subject = client_assertion.unverified_subject(params.get("client_assertion"))
    if params.get("client_id") not in ("", subject):
        raise InvalidClient("client_id and the assertion name different clients")
    return _Presented("private_key_jwt", subject, assertion=params.get("client_assertion"))


def _audit(server: Server, door: OidcUnit, client: Client, error: InvalidClient) -> None:
    with door.write() as stores:
        stores.audit.record(
            "client_auth_failed",
            now=server.clock.now(),
            client_id=client.client_id,
            data={"reason": error.detail or error.description},
        )
