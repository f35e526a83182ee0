"""Calls in the client's own name: a token of the client itself (RFC 6749 §4.4), kept until shortly before it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from requests import RequestException, Response, Session
from requests.adapters import BaseAdapter

from clients.kit.settings import Credentials
from idp.core.clock import Clock
from idp.core.errors import Denied, Unavailable

_TIMEOUT = (3.05, 20)
_EARLY = timedelta(seconds=20)


class OwnCalls:
    """Bounded in time, follows no redirect: the secret and the token go to the IdP and nowhere else."""

    def __init__(
        self, issuer: str, credentials: Credentials, scope: str, clock: Clock, transport: BaseAdapter | None = None
    ) -> None:
        self._issuer = issuer
        self._credentials = credentials
        self._scope = scope
        self._clock = clock
        self._token = ""
        self._until = datetime.min.replace(tzinfo=clock.now().tzinfo)
        self._session = Session()
        self._session.max_redirects = 0
        if transport is not None:
            self._session.mount("http://", transport)
            self._session.mount("https://", transport)

    def get(self, path: str, query: dict[str, str]) -> Response:
        """GET below the issuer; after a 401 once more with a new token. Raises Denied and Unavailable."""
        answer = self._get(path, query)
        if answer.status_code == 401:
            self._token = ""
            answer = self._get(path, query)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unavailable("the IdP does not answer", code="unavailable", detail=str(answer.status_code))
        return answer

    def _get(self, path: str, query: dict[str, str]) -> Response:
        headers = {"Authorization": f"Bearer {self._live_token()}"}
        return self._sent("GET", path, params=query, headers=headers)

    def _live_token(self) -> str:
        now = self._clock.now()
        if self._token and self._until > now:
            return self._token
        form = {"grant_type": "client_credentials", "scope": self._scope, "resource": self._issuer}
        pair = (self._credentials.client_id, self._credentials.client_secret)
        answer = self._sent("POST", "/oauth/token", data=form, auth=pair)
        if answer.status_code == 400 and _json(answer).get("error") == "invalid_scope":
            # One of the scopes was taken away: what is left must go on, and what is gone be refused where it is asked.
            form.pop("scope")
            answer = self._sent("POST", "/oauth/token", data=form, auth=pair)
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unavailable("the IdP does not answer", code="unavailable", detail=str(answer.status_code))
        found: Any = _json(answer)
        if answer.status_code != 200 or not isinstance(found.get("access_token"), str):
            raise Denied("the IdP gives no token", detail=str(found.get("error", ""))[:64])
        lifetime = found.get("expires_in")
        seconds = lifetime if isinstance(lifetime, int) and 0 < lifetime <= 86_400 else 60
        self._token, self._until = found["access_token"], now + timedelta(seconds=seconds) - _EARLY
        return self._token

    def _sent(self, method: str, path: str, **options: Any) -> Response:
        try:
            return self._session.request(
                method, f"{self._issuer}{path}", timeout=_TIMEOUT, allow_redirects=False, **options
            )
        except RequestException as error:
            raise Unavailable("the IdP does not answer", code="unavailable", detail=type(error).__name__) from error


def _json(answer: Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
