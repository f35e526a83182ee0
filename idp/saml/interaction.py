"""A sign-on that waits for a human: kept on the server, bound to one browser, checked again afterwards.

It lies beside what waits for OpenID Connect, under the same purpose, so that the pages of signing in serve both; what
a link carries is an id and nothing else (CVE-2026-7507).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from idp.core.ids import fingerprint, new_secret, same
from idp.saml.authn_request import AuthnRequest
from idp.saml.errors import PageError
from idp.saml.names import INTERACTION_PREFIX
from idp.saml.ports import OneTime
from idp.saml.server import INTERACTION_TTL

PURPOSE = "interaction"
PROTOCOL = "saml"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`request` was authenticated before it was kept; it is None for a sign-on that began here, which `consumer` (a
    location, empty for the default) tells of instead."""

    request: AuthnRequest | None
    relay_state: str
    client_id: str
    consumer: str
    created_at: datetime


def keep(
    one_time: OneTime,
    *,
    request: AuthnRequest | None,
    relay_state: str,
    client_id: str,
    acr_values: Sequence[str],
    origin: str,
    browser: str,
    now: datetime,
    consumer: str = "",
) -> str:
    """Stores the sign-on and returns the id for the link. `origin` is where a form of ours may lead in the end."""
    interaction_id = INTERACTION_PREFIX + new_secret(24)
    one_time.put(
        interaction_id,
        purpose=PURPOSE,
        data={
            "protocol": PROTOCOL,
            "request": request.as_json() if request else None,
            "relay_state": relay_state,
            "browser": fingerprint(browser),
            "client_id": client_id,
            "acr_values": list(acr_values),
            "origin": origin,
            # In the words of OpenID Connect, which the pages of signing in know.
            "params": {"prompt": "login"} if request and request.force_authn else {},
            "consumer": consumer,
            "created": now.isoformat(),
        },
        now=now,
        ttl_seconds=int(INTERACTION_TTL.total_seconds()),
    )
    return interaction_id


def load(one_time: OneTime, interaction_id: str, browser: str, *, now: datetime) -> Waiting:
    """The kept sign-on. Raises PageError `link_expired` when it is gone, of another browser or none of ours."""
    data = one_time.peek(interaction_id, purpose=PURPOSE, now=now) if 0 < len(interaction_id) < 100 else None
    if data is None or data.get("protocol") != PROTOCOL or not browser:
        raise PageError("link_expired", "the interaction has expired or belongs to another browser")
    if not same(str(data["browser"]), fingerprint(browser)):
        raise PageError("link_expired", "the interaction has expired or belongs to another browser")
    return Waiting(
        request=AuthnRequest.from_json(data["request"]) if data["request"] else None,
        relay_state=str(data["relay_state"]),
        client_id=str(data["client_id"]),
        consumer=str(data["consumer"]),
        created_at=datetime.fromisoformat(str(data["created"])),
    )
