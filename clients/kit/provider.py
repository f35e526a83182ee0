"""The IdP as seen from a client: discovery, keys, code and refresh exchange, UserInfo, the address of its logout.

Built on Authlib's Flask client. Discovery is read at first use and tried again until it answers, so the order in which
services start does not matter; a loaded document keeps serving while the IdP restarts.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.integrations.requests_client import OAuth2Session
from joserfc.jwk import KeySet
from requests import RequestException, Response
from requests.adapters import BaseAdapter, HTTPAdapter

from idp.core.clock import monotonic
from idp.core.errors import Unavailable

ALGORITHMS = ["ES256", "RS256"]
_TIMEOUT = (3.05, 10)
_KEEP = 3600.0
"""Seconds after which discovery and keys are read again."""
_FORCED = 10.0
"""Seconds between two forced readings of the keys: anybody may post a token with an unknown kid."""
_TRIES = 3
_PAUSE = 0.3


class PooledAdapter(HTTPAdapter):
    """Keeps connections between requests: Authlib makes a session a call, and closing it must not close these."""

    def close(self) -> None:
        """Left open on purpose; the process's end closes them."""


class ProviderSession(OAuth2Session):  # type: ignore[misc]
    """Bounded in time, follows no redirect: a token endpoint that redirects would take a code elsewhere."""

    transport: BaseAdapter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, default_timeout=_TIMEOUT, **kwargs)
        self.max_redirects = 0
        self.mount("http://", self.transport)
        self.mount("https://", self.transport)


class ProviderApp(FlaskOAuth2App):  # type: ignore[misc]
    """Authlib's client with a checked issuer, pinned algorithms and documents that do not live for ever."""

    issuer: str
    server_metadata: dict[str, Any]
    _loaded_at = 0.0
    _forced_at = 0.0
    _lock: threading.Lock

    @classmethod
    def speaking_to(cls, issuer: str, transport: BaseAdapter | None) -> type[ProviderApp]:
        """A class bound to one issuer, as Authlib's registry wants it."""
        session = type("Session", (ProviderSession,), {"transport": transport or PooledAdapter(pool_maxsize=16)})
        return type("App", (cls,), {"issuer": issuer, "client_cls": session, "_lock": threading.Lock()})

    def load_server_metadata(self) -> dict[str, Any]:
        """Raises Unavailable when discovery never answered."""
        if self.server_metadata.get("issuer") and monotonic() - self._loaded_at < _KEEP:
            return self.server_metadata
        with self._lock:
            if self.server_metadata.get("issuer") and monotonic() - self._loaded_at < _KEEP:
                return self.server_metadata
            try:
                self.server_metadata = self._discovered()
                self._loaded_at = monotonic()
            except Unavailable:
                if not self.server_metadata.get("issuer"):
                    raise
            return self.server_metadata

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        known = self.load_server_metadata().get("jwks")
        if known and (not force or monotonic() - self._forced_at < _FORCED):
            return dict(known)
        self._forced_at = monotonic()
        try:
            return dict(super().fetch_jwk_set(force=True))
        except (RequestException, ValueError) as error:
            raise _unavailable(error) from error

    def key_set(self, again: bool) -> KeySet:
        """The IdP's public keys; `again` fetches them anew, though not more often than `_FORCED` allows."""
        found: Any = self.fetch_jwk_set(force=again)
        return KeySet.import_key_set(found)

    def refresh(self, refresh_token: str) -> dict[str, Any]:
        """RFC 6749 §6. Raises OAuthError as the IdP refused it, Unavailable when it did not answer."""
        return self._answered(lambda: self.fetch_access_token(grant_type="refresh_token", refresh_token=refresh_token))

    def exchanged(self) -> dict[str, Any]:
        """The callback's code for tokens, with the checked ID token's claims under `userinfo`."""
        return self._answered(self.authorize_access_token)

    def userinfo_answer(self, access_token: str) -> Response:
        """UserInfo with a bearer token (OIDC Core §5.3.1); the caller reads the status."""
        endpoint = self.load_server_metadata().get("userinfo_endpoint", f"{self.issuer}/oauth/userinfo")
        return self._with_token(endpoint, access_token)

    def api_answer(self, path: str, access_token: str) -> Response:
        """`/api/v1` of the IdP with a person's token; the caller reads the status."""
        self.load_server_metadata()
        return self._with_token(f"{self.issuer}/api/v1{path}", access_token)

    def _with_token(self, endpoint: str, access_token: str) -> Response:
        token = {"access_token": access_token, "token_type": "Bearer"}
        try:
            answer: Response = self.get(endpoint, token=token)
        except RequestException as error:
            raise _unavailable(error) from error
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unavailable("the IdP does not answer", code="unavailable", detail=f"{answer.status_code}")
        return answer

    def _answered(self, call: Any) -> dict[str, Any]:
        try:
            return dict(call())
        except RequestException as error:
            raise _unavailable(error) from error

    def _discovered(self) -> dict[str, Any]:
        address = f"{self.issuer}/.well-known/openid-configuration"
        for attempt in range(1, _TRIES + 1):
            try:
                with self._get_session() as session:
                    answer = session.request("GET", address, withhold_token=True)
                    answer.raise_for_status()
                    found: dict[str, Any] = answer.json()
                break
            except (RequestException, ValueError) as error:
                if attempt == _TRIES:
                    raise _unavailable(error) from error
                time.sleep(_PAUSE)
        if found.get("issuer") != self.issuer:
            # OIDC Discovery §4.3: another issuer's document would send codes and secrets there.
            raise Unavailable("discovery names another issuer", code="unavailable", detail=address)
        offered = found.get("id_token_signing_alg_values_supported", ALGORITHMS)
        return found | {"id_token_signing_alg_values_supported": [name for name in ALGORITHMS if name in offered]}


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable("the IdP does not answer", code="unavailable", detail=type(error).__name__)


__all__ = ["OAuthError", "ProviderApp"]
