"""A request that waits for a human: kept on the server, bound to one browser, reloaded and checked again afterwards.

The link carries only an id. It works only in the browser that began (CVE-2026-7507), and nothing in it can be
changed on the way (CVE-2026-7571).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from idp.core.ids import fingerprint, new_secret, same
from idp.oidc.authorization import Authorization
from idp.oidc.errors import PageError
from idp.oidc.ports import OneTime
from idp.oidc.request import Params
from idp.oidc.server import INTERACTION_TTL

PURPOSE = "interaction"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kept request: its parameters as sent, and since when it waits."""

    params: tuple[tuple[str, str], ...]
    client_id: str
    acr_values: tuple[str, ...]
    created_at: datetime


def keep(one_time: OneTime, auth: Authorization, browser: str) -> str:
    """Stores the request and returns the id for the link."""
    interaction_id = new_secret(24)
    one_time.put(
        interaction_id,
        purpose=PURPOSE,
        data={
            "pairs": _pairs(auth.params),
            "browser": fingerprint(browser),
            "client_id": auth.client.client_id,
            "acr_values": list(auth.acr_values),
            "created": auth.now.isoformat(),
        },
        now=auth.now,
        ttl_seconds=int(INTERACTION_TTL.total_seconds()),
    )
    return interaction_id


def load(one_time: OneTime, interaction_id: str, browser: str, *, now: datetime) -> Waiting:
    """The kept request. Raises PageError `link_expired` when it is gone or began in another browser."""
    data = one_time.peek(interaction_id, purpose=PURPOSE, now=now) if 0 < len(interaction_id) < 100 else None
    # What has no pairs waits for the other protocol (`saml/interaction.py`).
    if data is None or "pairs" not in data or not browser or not same(str(data["browser"]), fingerprint(browser)):
        raise PageError("link_expired", "the interaction has expired or belongs to another browser")
    return Waiting(
        params=tuple((str(name), str(value)) for name, value in data["pairs"]),
        client_id=str(data["client_id"]),
        acr_values=tuple(data["acr_values"]),
        created_at=datetime.fromisoformat(str(data["created"])),
    )


def _pairs(params: Params) -> list[list[str]]:
    return [[name, value] for name, value in params.values.items()] + [["resource", uri] for uri in params.resources]
