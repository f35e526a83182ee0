"""Who is asking."""

from __future__ import annotations

from idp.core.clock import local_date
from idp.oidc.authorization import Authorization
from idp.oidc.client import Client
from idp.oidc.errors import AccessDenied, InvalidRequest, PageError, UnauthorizedClient


def known(auth: Authorization) -> None:
    """`client_id` names one registered client (RFC 6749 §4.1.2.1: otherwise never redirect)."""
    client_id = auth.params.get("client_id")
    if not client_id or "client_id" in auth.params.repeated:
        raise PageError("invalid_client", "client_id is missing or repeated")
    record = auth.stores.clients.find(client_id)
    if record is None:
        raise PageError("invalid_client", "no such client")
    auth.client_or_none = Client(record)


def in_force(auth: Authorization) -> None:
    """Neither switched off nor past its end date; the same in every flow (CVE-2026-2603)."""
    if not auth.client.is_in_force(local_date(auth.now)):
        raise PageError("client_disabled", "the client is switched off or past its end date")


def may_use_code(auth: Authorization) -> None:
    """The client registered the code flow (RFC 7591 §2); asked again after each pause (CVE-2026-7571)."""
    if "authorization_code" not in auth.client.grant_types or "code" not in auth.client.response_types:
        raise UnauthorizedClient("the client did not register the authorization code flow")


def serves_the_school(auth: Authorization) -> None:
    """The client is on at the school of the person's active membership: switched on there, or everywhere and not
    switched off there (order-456 reference R2.3)."""
    if auth.session.is_client_on or (auth.client.record.all_schools and not auth.session.is_client_off):
        return
    if auth.is_silent:
        raise AccessDenied("the client is not switched on at this school")
    raise PageError("client_not_for_school", "the client is not switched on at this school")


def no_repeated_parameter(auth: Authorization) -> None:
    """Parameters must not be included more than once (RFC 6749 §3.1; CVE-2026-9689)."""
    if auth.params.repeated:
        raise InvalidRequest("a parameter occurs twice")
