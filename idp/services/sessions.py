"""Browser sessions on the server: opened at sign-in, rotated at step-up, ended by people, time or schools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.ids import fingerprint, new_id, new_secret
from idp.store import audit, sessions
from idp.store.models.people import ROLES
from idp.store.session import Tx, UnitOfWork
from idp.store.sessions import ActiveMembership, LiveSession

STAFF_ROLES = frozenset(ROLES) - {"pupil", "guardian"}
TOUCH_AFTER = timedelta(seconds=60)


__all__ = ["ActiveMembership", "LiveSession", "Opened", "Sessions"]


@dataclass(frozen=True, slots=True)
class Term:
    """How long a session lives: idle seconds and the absolute end."""

    idle: timedelta
    absolute: timedelta


SHARED = Term(timedelta(minutes=15), timedelta(hours=3))
STAFF = Term(timedelta(hours=4), timedelta(hours=16))
PERSONAL = Term(timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class Opened:
    """`token` goes into the cookie and nowhere else; `max_age` None means until the browser closes."""

    token: str
    session_id: str
    max_age: int | None


class Sessions:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def current(self, token: str) -> LiveSession | None:
        """The live session of a cookie; notes that it was seen, at most once a minute."""
        if not token:
            return None
        now = self._clock.now()
        with self._uow.read() as tx:
            session = sessions.live(tx, fingerprint(token), now=now)
        if session is not None and session.last_seen_at + TOUCH_AFTER <= now:
            with self._uow.write() as tx:
                sessions.touch(tx, session.id, now=now)
        return session

    def open(
        self,
        tx: Tx,
        *,
        person_id: str,
        acr: str,
        amr: tuple[str, ...],
        is_shared: bool,
        browser: str,
        replaces: str = "",
        membership_id: str = "",
    ) -> Opened:
        """A new session in the caller's transaction, always with a new secret (session fixation, CVE-2026-7507).

        `replaces` is the cookie of an older session of the same person, whose end this is; grants move along.
        `membership_id` is the one that was just proved and becomes active.
        """
        now = self._clock.now()
        memberships = sessions.memberships_of_person(tx, person_id, today=local_date(now))
        active = _choose(memberships, membership_id or sessions.last_membership(tx, person_id))
        term = _term(active, is_shared)
        token = new_secret()
        old = sessions.live(tx, fingerprint(replaces), now=now) if replaces else None
        row: dict[str, object] = {
            "token_hash": fingerprint(token),
            "membership_id": active.id if active else None,
            "acr": acr,
            "amr": list(amr),
            "auth_time": now,
            "last_seen_at": now,
            "idle_seconds": int(term.idle.total_seconds()),
            "expires_at": now + term.absolute,
            "is_shared": is_shared,
            "browser": browser[:120],
        }
        if old is not None and old.person_id == person_id:
            row["membership_id"] = membership_id or old.membership_id
            sessions.renew(tx, old.id, row)
            session_id = old.id
        else:
            session_id = new_id()
            sessions.create(tx, row | {"id": session_id, "person_id": person_id, "created_at": now})
        return Opened(token, session_id, None if is_shared else int(term.absolute.total_seconds()))

    def of_person(self, person_id: str) -> list[sessions.Listed]:
        """What is signed in now, newest first."""
        with self._uow.read() as tx:
            return sessions.of_person(tx, person_id, now=self._clock.now())

    def memberships(self, person_id: str) -> list[ActiveMembership]:
        with self._uow.read() as tx:
            return sessions.memberships_of_person(tx, person_id, today=local_date(self._clock.now()))

    def active_of(self, person_id: str) -> ActiveMembership | None:
        """The membership a person would be active in."""
        now = self._clock.now()
        with self._uow.read() as tx:
            memberships = sessions.memberships_of_person(tx, person_id, today=local_date(now))
            return _choose(memberships, sessions.last_membership(tx, person_id))

    def role_of(self, person_id: str) -> str:
        """Its role, or an empty string."""
        active = self.active_of(person_id)
        return active.role if active else ""

    def switch(self, session: LiveSession, membership_id: str) -> None:
        """Makes another membership of the same person active. Raises NotFound for anybody else's."""
        now = self._clock.now()
        with self._uow.write() as tx:
            held = {one.id: one for one in sessions.memberships_of_person(tx, session.person_id, today=local_date(now))}
            if membership_id not in held:
                raise NotFound("no such membership")
            sessions.set_membership(tx, session.id, session.person_id, membership_id)
            audit.record(
                tx,
                event="membership_switched",
                now=now,
                person_id=session.person_id,
                school_id=held[membership_id].school_id or "",
                data={"role": held[membership_id].role},
            )


def _choose(memberships: list[ActiveMembership], last: str | None) -> ActiveMembership | None:
    """The one used last, else the primary one, else staff before guardian before pupil."""
    for one in memberships:
        if one.id == last:
            return one
    order = sorted(memberships, key=lambda m: (not m.is_primary, m.role not in STAFF_ROLES, m.role == "pupil"))
    return order[0] if order else None


def _term(active: ActiveMembership | None, is_shared: bool) -> Term:
    if is_shared:
        return SHARED
    return STAFF if active is not None and active.role in STAFF_ROLES else PERSONAL
