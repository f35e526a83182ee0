"""Calls with tokens. Every page reads UserInfo afresh: what the IdP says now counts, not what it said at login."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import g
from requests import Response

from clients.kit.kit import Kit, OidcKit
from clients.kit.provider import OAuthError
from clients.kit.sessions import ClientSession, Tokens
from idp.core.clock import monotonic
from idp.core.errors import BilimError, Denied, NotFound, Unavailable

_EARLY = timedelta(seconds=20)
"""A token about to expire is refreshed before it fails on the way."""
_WAIT = 12.0
"""Seconds to wait for another request that is refreshing; longer than its own time-outs."""
_STEP = 0.05
_OVER = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "access_denied")
"""Refusals of a refresh that no second try changes (RFC 6749 §5.2)."""


class SessionEnded(BilimError):
    """The IdP or the clock ended this session; the browser is told kindly and may sign in again."""

    code = "session_ended"


def fresh_claims(kit: OidcKit, session: ClientSession) -> dict[str, Any]:
    """UserInfo as it is now, read once a request.

    Raises SessionEnded when the IdP no longer knows the session, Unavailable when it does not answer.
    """
    kept = g.get("fresh_claims")
    if kept is None:
        kept = g.fresh_claims = Caller(kit).claims(session)
    claims: dict[str, Any] = kept
    return claims


class Caller:
    """Calls on behalf of one session, refreshing its tokens when they are due: one refresh at a time a session."""

    def __init__(self, kit: OidcKit, pause: Callable[[float], None] = time.sleep) -> None:
        self._kit = kit
        self._pause = pause

    def claims(self, session: ClientSession) -> dict[str, Any]:
        session, answer = self._answered(session, self._kit.provider.userinfo_answer)
        if answer.status_code != 200:
            raise self._ended(session)
        try:
            claims = answer.json()
        except ValueError:
            raise Unavailable("UserInfo is not JSON", code="unavailable") from None
        if not isinstance(claims, dict) or claims.get("sub") != session.sub:
            # OIDC Core §5.3.2: another subject's answer (token substitution) must not be used.
            raise self._ended(session)
        return claims

    def asked(self, session: ClientSession, path: str) -> dict[str, Any]:
        """JSON from the IdP's `/api/v1` in this person's name.

        Raises NotFound for what is not there for this person now, Denied, SessionEnded, Unavailable.
        """
        session, answer = self._answered(session, lambda token: self._kit.provider.api_answer(path, token))
        if answer.status_code == 401:
            raise self._ended(session)
        if answer.status_code != 200:
            refusal = NotFound if answer.status_code == 404 else Denied
            raise refusal(f"the IdP refused {path}", detail=f"{answer.status_code}")
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unavailable("the answer is no JSON object", code="unavailable")
        return found

    def _answered(
        self, session: ClientSession, call: Callable[[str], Response]
    ) -> tuple[ClientSession, Response]:  # fmt: skip
        session = self.with_live_token(session)
        answer = call(session.tokens.access_token)
        if answer.status_code == 401:
            # Revoked before its time, or two clocks differ: one refresh decides whether the session lives.
            session = self.refreshed(session)
            answer = call(session.tokens.access_token)
        return session, answer

    def with_live_token(self, session: ClientSession) -> ClientSession:
        if session.tokens.access_expires_at - _EARLY > self._kit.clock.now():
            return session
        return self.refreshed(session)

    def refreshed(self, session: ClientSession) -> ClientSession:
        """The session with newer tokens, made by this request or by the one that was faster."""
        if not session.tokens.refresh_token:
            raise self._ended(session)
        started = monotonic()
        while not self._kit.sessions.begin_refresh(session):
            current = self._kit.sessions.again(session)
            if current is None:
                raise SessionEnded()
            if current.token_version > session.token_version:
                return current
            if monotonic() - started > _WAIT:
                raise Unavailable("a refresh takes too long", code="unavailable")
            self._pause(_STEP)
        return self._refresh(session)

    def _refresh(self, session: ClientSession) -> ClientSession:
        try:
            answer = self._kit.provider.refresh(session.tokens.refresh_token)
            tokens = tokens_of(answer, self._kit, session.tokens)
        except OAuthError as error:
            if error.error in _OVER:
                raise self._ended(session) from None
            self._kit.sessions.finish_refresh(session, None)
            raise Unavailable("the refresh failed", code="unavailable", detail=str(error.error)[:64]) from None
        except BaseException:
            self._kit.sessions.finish_refresh(session, None)
            raise
        current = self._kit.sessions.finish_refresh(session, tokens)
        if current is None:
            raise SessionEnded()
        return current

    def _ended(self, session: ClientSession) -> SessionEnded:
        self._kit.sessions.end(session.id)
        return SessionEnded()


def tokens_of(answer: dict[str, Any], kit: Kit, former: Tokens | None = None) -> Tokens:
    """A token answer as a record; what a refresh leaves out stays as it was (RFC 6749 §6)."""
    access_token = answer.get("access_token")
    if not isinstance(access_token, str) or str(answer.get("token_type", "")).lower() != "bearer":
        raise Unavailable("the token answer holds no bearer token", code="unavailable")
    lifetime = answer.get("expires_in")
    seconds = lifetime if isinstance(lifetime, int) and 0 < lifetime <= 86_400 else 60
    return Tokens(
        access_token=access_token,
        refresh_token=str(answer.get("refresh_token") or (former.refresh_token if former else "")),
        id_token=former.id_token if former else str(answer.get("id_token") or ""),
        access_expires_at=kit.clock.now() + timedelta(seconds=seconds),
    )
