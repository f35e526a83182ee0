"""Server-side sessions of one client: an opaque cookie, a row, tokens sealed at rest.

Refresh tokens rotate, and a rotated one used twice looks like theft to the IdP. So `begin_refresh` lets exactly one
request of one session refresh at a time, whatever thread, process or node it runs on; the others wait for its result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.sealing import Sealer
from idp.core.clock import Clock
from idp.core.ids import fingerprint, new_secret

ABSOLUTE = timedelta(hours=12)
IDLE = timedelta(hours=2)
_TOUCH = timedelta(minutes=5)
"""How old `last_seen_at` may get before a page load writes it again."""
REFRESH_LEASE = timedelta(seconds=30)
_COLUMNS = ("id_token", "access_token", "refresh_token")


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of the token endpoint. `refresh_token` and `id_token` are empty when it held none."""

    access_token: str
    refresh_token: str
    id_token: str
    access_expires_at: datetime


@dataclass(frozen=True, slots=True)
class ClientSession:
    """A live session. `id` is the hash of the cookie, never the cookie."""

    id: str
    sub: str
    sid: str
    tokens: Tokens
    token_version: int
    claims: dict[str, Any]


class Sessions:
    """Rows are found by the hash of the cookie. A row that is idle, old or unreadable is as good as none."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def create(
        self,
        *,
        sub: str,
        sid: str,
        tokens: Tokens,
        claims: dict[str, Any],
        instead_of: str = "",
        until: datetime | None = None,
    ) -> str:
        """Stores a session and returns its cookie. `instead_of` is the browser's former cookie, whose row ends.

        `until` is the IdP's word on the end, where it gives one; never later than ours.
        """
        cookie = new_secret()
        key = fingerprint(cookie)
        now = self._clock.now()
        row = {
            "id": key,
            "sub": sub,
            "sid": sid,
            "created_at": now,
            "last_seen_at": now,
            "expires_at": min(until or now + ABSOLUTE, now + ABSOLUTE),
            "token_version": 1,
            "claims": claims,
            **self._sealed(key, tokens),
        }
        with self._database.write() as connection:
            if instead_of:
                connection.execute(delete(tables.sessions).where(tables.sessions.c.id == fingerprint(instead_of)))
            connection.execute(insert(tables.sessions).values(row))
        return cookie

    def find(self, cookie: str) -> ClientSession | None:
        """The live session of a cookie; also notes that it is in use."""
        key = fingerprint(cookie)
        now = self._clock.now()
        session, last_seen_at = self._read(key, now)
        if session is not None and last_seen_at is not None and now - last_seen_at > _TOUCH:
            with self._database.write() as connection:
                seen = update(tables.sessions).where(tables.sessions.c.id == key).values(last_seen_at=now)
                connection.execute(seen)
        return session

    def again(self, session: ClientSession) -> ClientSession | None:
        """The same session as it is now: somebody may have refreshed or ended it."""
        return self._read(session.id, self._clock.now())[0]

    def begin_refresh(self, session: ClientSession) -> bool:
        """True for the one caller who may refresh these tokens; the lease runs out if it never comes back."""
        now = self._clock.now()
        c = tables.sessions.c
        free = or_(c.refresh_until.is_(None), c.refresh_until <= now)
        claim = (
            update(tables.sessions)
            .where(and_(c.id == session.id, c.token_version == session.token_version, free))
            .values(refresh_until=now + REFRESH_LEASE)
        )
        with self._database.write() as connection:
            return connection.execute(claim).rowcount == 1

    def finish_refresh(self, session: ClientSession, tokens: Tokens | None) -> ClientSession | None:
        """Keeps the new tokens, or with None only gives the lease back. None when the session ended meanwhile."""
        values: dict[str, Any] = {"refresh_until": None}
        if tokens is not None:
            values |= self._sealed(session.id, tokens) | {"token_version": session.token_version + 1}
        c = tables.sessions.c
        keep = (
            update(tables.sessions)
            .where(and_(c.id == session.id, c.token_version == session.token_version))
            .values(values)
        )
        with self._database.write() as connection:
            connection.execute(keep)
        return self.again(session)

    def end(self, session_id: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(tables.sessions).where(tables.sessions.c.id == session_id))

    def _read(self, key: str, now: datetime) -> tuple[ClientSession | None, datetime | None]:
        with self._database.read() as connection:
            row = connection.execute(select(tables.sessions).where(tables.sessions.c.id == key)).one_or_none()
        if row is None or row.expires_at <= now or row.last_seen_at + IDLE <= now:
            return None, None
        return self._opened(row), row.last_seen_at

    def _opened(self, row: Row[Any]) -> ClientSession | None:
        opened = {}
        for column in _COLUMNS:
            sealed = getattr(row, column)
            plain = self._sealer.open(sealed, f"{row.id}.{column}") if sealed else ""
            if plain is None:
                return None
            opened[column] = plain
        tokens = Tokens(access_expires_at=row.access_expires_at, **opened)
        return ClientSession(row.id, row.sub, row.sid, tokens, row.token_version, row.claims)

    def _sealed(self, key: str, tokens: Tokens) -> dict[str, Any]:
        values: dict[str, Any] = {"access_expires_at": tokens.access_expires_at}
        for column in _COLUMNS:
            plain = getattr(tokens, column)
            values[column] = self._sealer.seal(plain, f"{key}.{column}") if plain else ""
        return values
