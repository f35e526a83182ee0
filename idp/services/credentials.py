"""A person's own secrets: replacing a password while signed in."""

from __future__ import annotations

from idp.core.clock import Clock
from idp.core.errors import Denied
from idp.methods.password import hash_password, verify
from idp.services import logout
from idp.services.factors import MAILED
from idp.services.post import Post
from idp.services.throttle import Throttle
from idp.store import account, addresses, audit, credentials
from idp.store.account import Named
from idp.store.session import UnitOfWork


class Credentials:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def person(self, person_id: str) -> Named | None:
        with self._uow.read() as tx:
            return account.named(tx, person_id)

    def change_password(
        self, person: Named, old: str, new: str, *, place: str, throttle: Throttle, session_id: str = "",
        post: Post | None = None,
    ) -> None:  # fmt: skip
        """Replaces the password of a signed-in person who types the old one again.

        Every session but `session_id` ends, and every grant: whoever knew the old password may be signed in with it.

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
            # What the mail set stays so for its time, whatever it is replaced by.
            kept = {MAILED: row.data[MAILED]} if MAILED in row.data else {}
            credentials.replace(tx, "password", [(person.id, {"hash": encoded} | kept)], must_change=False, now=now)
            logout.end_everything(tx, person.id, now=now, reason="password_changed", but=session_id)
            audit.record(tx, event="password_changed", now=now, person_id=person.id)
            if post is not None:
                post.tell(tx, addresses.of_person(tx, person.id), "password_changed", now=now)


class StoredCredentials:
    """The port that login methods read credentials through, each time in a short read of its own."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def by_username(self, username: str, method: str) -> credentials.CredentialRow | None:
        with self._uow.read() as tx:
            return credentials.by_username(tx, username, method)

    def by_handle(self, handle: str, method: str) -> credentials.CredentialRow | None:
        with self._uow.read() as tx:
            return credentials.by_handle(tx, handle, method)

    def is_taken(self, handle: str, method: str) -> bool:
        with self._uow.read() as tx:
            return credentials.is_taken(tx, handle, method)

    def of_person(self, person_id: str, method: str) -> list[credentials.CredentialRow]:
        with self._uow.read() as tx:
            return credentials.of_person(tx, person_id, method)
