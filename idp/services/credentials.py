"""A person's own secrets: replacing a password while signed in."""

from __future__ import annotations

from idp.core.clock import Clock
from idp.core.errors import Denied
from idp.methods.password import hash_password, verify
from idp.services.throttle import Throttle
from idp.store import account, audit, credentials
from idp.store.account import Named
from idp.store.session import UnitOfWork


class Credentials:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def person(self, person_id: str) -> Named | None:
        with self._uow.read() as tx:
            return account.named(tx, person_id)

    def change_password(self, person: Named, old: str, new: str, *, place: str, throttle: Throttle) -> None:
        """Replaces the password of a signed-in person who types the old one again.

        Raises TooSoon when guesses pile up, Denied (`login_failed`) for a wrong old password.
        """
        ticket = throttle.enter(person.username, place)
        with self._uow.read() as tx:
            row = credentials.by_person(tx, person.id, "password")
        if row is None or not verify(str(row.data["hash"]), old):
            raise Denied("wrong password", code="login_failed")
        encoded = hash_password(new)
        now = self._clock.now()
        with self._uow.write() as tx:
            if not credentials.is_current(tx, row.id):
                raise Denied("wrong password", code="login_failed")
            throttle.passed(tx, ticket)
            credentials.replace(tx, "password", [(person.id, {"hash": encoded})], must_change=False, now=now)
            audit.record(tx, event="password_changed", now=now, person_id=person.id)


class StoredCredentials:
    """The port that login methods read credentials through, each time in a short read of its own."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def by_username(self, username: str, method: str) -> credentials.CredentialRow | None:
        with self._uow.read() as tx:
            return credentials.by_username(tx, username, method)
