"""Where Authlib keeps what a login under way needs: state, nonce, PKCE verifier, the page to return to.

Its default place is the browser's cookie, where four abandoned tabs overflow the 4 KB that browsers keep and then no
login works. Here the cookie holds only the key, which still binds the login to the browser that began it (login CSRF).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, select

from clients.kit import tables
from clients.kit.db import Database
from clients.kit.sealing import Sealer
from idp.core.clock import Clock
from idp.core.ids import fingerprint


class LoginStates:
    """The cache interface of Authlib (`get`, `set`, `delete`) over the table `login_states`."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    def get(self, key: str) -> str | None:
        place = fingerprint(key)
        c = tables.login_states.c
        with self._database.read() as connection:
            row = connection.execute(select(tables.login_states).where(c.key == place)).one_or_none()
        if row is None or row.expires_at <= self._clock.now():
            return None
        return self._sealer.open(row.value, place)

    def set(self, key: str, value: str, expires_in: int) -> None:
        place = fingerprint(key)
        expires_at = self._clock.now() + timedelta(seconds=expires_in)
        row = {"key": place, "value": self._sealer.seal(value, place), "expires_at": expires_at}
        with self._database.write() as connection:
            connection.execute(insert(tables.login_states).values(row))

    def take(self, key: str) -> str | None:
        """The value, once: of two that ask at the same time one gets it."""
        value = self.get(key)
        if value is None:
            return None
        with self._database.write() as connection:
            c = tables.login_states.c
            taken = connection.execute(delete(tables.login_states).where(c.key == fingerprint(key))).rowcount == 1
        return value if taken else None

    def delete(self, key: str) -> None:
        with self._database.write() as connection:
            connection.execute(delete(tables.login_states).where(tables.login_states.c.key == fingerprint(key)))
