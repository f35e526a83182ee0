"""Tells one client that a session has ended (OpenID Connect Back-Channel Logout 1.0). Retried by the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.core.errors import Unavailable
from idp.oidc.client import Client
from idp.oidc.logout import logout_token
from idp.oidc.ports import OidcUnit
from idp.oidc.server import Server
from idp.services.fetch import Fetcher
from idp.services.logout import KIND

__all__ = ["KIND", "BackchannelLogout"]


class BackchannelLogout:
    """The handler of outbox items of kind KIND: `{client_id, person_id, session_id}`."""

    def __init__(self, server: Server, stores: OidcUnit, fetcher: Fetcher) -> None:
        self._server = server
        self._stores = stores
        self._fetcher = fetcher

    def __call__(self, data: Mapping[str, Any]) -> None:
        """Signs now, because the token is good for two minutes only. Raises Unavailable to be tried again."""
        with self._stores.read() as stores:
            record = stores.clients.find(str(data["client_id"]))
        if record is None or record.is_disabled:
            return
        client = Client(record)
        uri = client.text("backchannel_logout_uri")
        if not uri:
            return
        token = logout_token(self._server, client, person_id=str(data["person_id"]), session_id=str(data["session_id"]))
        status = self._fetcher.post_form(uri, {"logout_token": token})
        if status not in (200, 204):
            raise Unavailable("the client did not take the logout token", detail=f"{uri} answered {status}")
