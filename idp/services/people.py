"""Adding one person by hand: an operator, a newcomer, a tester."""

from __future__ import annotations

from collections.abc import Callable

from idp.core.clock import Clock, local_date
from idp.core.errors import Conflict, Invalid, NotFound
from idp.core.ids import new_id
from idp.core.names import search_key, sort_key
from idp.services import scope as scopes
from idp.services.claims_input import Claims
from idp.services.usernames import is_usable
from idp.store import audit, credentials, feed, people
from idp.store.models.people import ROLES
from idp.store.session import UnitOfWork

_MAX_PASSWORD = 256


class People:
    """`hash_password` is argon2id: slow, so it runs before the write transaction."""

    def __init__(self, uow: UnitOfWork, clock: Clock, hash_password: Callable[[str], str]) -> None:
        self._uow = uow
        self._clock = clock
        self._hash = hash_password

    def add(
        self, *, username: str, password: str, role: str, school: str, claims: Claims | None = None,
        must_change: bool = False,
    ) -> str:  # fmt: skip
        """Adds a person with a password and one membership; returns their id.

        `school` is the id or public number of an organisation. Raises Invalid, NotFound or Conflict, changing nothing.
        """
        username = username.lower()
        if not is_usable(username):
            raise Invalid("a username has 2 to 64 of a-z 0-9 . _ -", code="username_invalid")
        if role not in ROLES:
            raise Invalid(f"roles are {', '.join(ROLES)}", code="role_unknown")
        if not password or len(password) > _MAX_PASSWORD:
            raise Invalid(f"a password has 1 to {_MAX_PASSWORD} characters", code="password_length")
        claims = claims or Claims()
        encoded = self._hash(password)
        now = self._clock.now()
        person = new_id()
        names = {"given_name": username, "family_name": "", "middle_name": ""}
        if claims.columns.keys() & names.keys():
            names = {field: str(claims.columns.get(field, "")) for field in names}
        parts = (names["family_name"], names["given_name"], names["middle_name"])
        row = {
            "id": person, "username": username, "claims": claims.further, "status": "active",
            "created_at": now, "updated_at": now, "sort_key": sort_key(*parts), "search_key": search_key(*parts),
            **claims.columns, **names,
        }  # fmt: skip
        with self._uow.write() as tx:
            schools = people.schools(tx, school)
            if len(schools) != 1:
                raise NotFound(f"{len(schools)} organisations are called {school}", code="school_unknown")
            if people.by_username(tx, username) is not None:
                raise Conflict(f"the username {username} is taken", code="username_taken")
            scope = scopes.of_operator((schools[0],))
            membership = {
                "id": new_id(), "school_id": schools[0], "person_id": person, "role": role, "is_primary": True,
                "begin": local_date(now),
            }  # fmt: skip
            people.add(tx, [row])
            people.add_membership(tx, scope, membership)
            credentials.replace(tx, "password", [(person, {"hash": encoded})], must_change=must_change, now=now)
            feed.append(tx, "people", "added", [(schools[0], person)], now=now)
            feed.append(tx, "memberships", "added", [(schools[0], str(membership["id"]))], now=now)
            audit.record(tx, event="person_added", now=now, person_id=person, school_id=schools[0], data={"role": role})
        return person
