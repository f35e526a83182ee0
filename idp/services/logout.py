"""Ends a session: the session itself, what hangs on it, and word to every client, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from idp.core.clock import Clock
from idp.store import audit, grants, outbox, sessions
from idp.store.session import Tx, UnitOfWork

KIND = "backchannel_logout"


class Logout:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def end(self, session_id: str, *, reason: str = "logout") -> bool:
        """False when it had ended before; then nothing is done twice."""
        with self._uow.write() as tx:
            return end(tx, session_id, now=self._clock.now(), reason=reason)


def end(tx: Tx, session_id: str, *, now: datetime, reason: str) -> bool:
    """Ends one session in the caller's transaction.

    Clients hear of it through the outbox, so a slow one holds nobody up (Back-Channel Logout §2.5).
    """
    told = [
        row.client_id for row in grants.clients_of_session(tx, session_id) if row.metadata.get("backchannel_logout_uri")
    ]
    person_id = grants.end_session(tx, session_id, now=now)
    if person_id is None:
        return False
    for client_id in told:
        data = {"client_id": client_id, "person_id": person_id, "session_id": session_id}
        outbox.enqueue(tx, kind=KIND, data=data, now=now)
    audit.record(
        tx,
        event="logout",
        now=now,
        person_id=person_id,
        data={"session": session_id, "reason": reason, "clients": told},
    )
    return True


def end_everything(tx: Tx, person_id: str, *, now: datetime, reason: str, but: str = "") -> None:
    """Ends every session of a person but one, and every grant of theirs, also those that outlive a session: whoever
    was in by a secret that is replaced now must not stay in by what it opened."""
    for session_id in sessions.open_of(tx, [person_id]):
        if session_id != but:
            end(tx, session_id, now=now, reason=reason)
    grants.revoke_person(tx, person_id, now=now)


def end_all(tx: Tx, people: Sequence[str], *, now: datetime, reason: str) -> int:
    """Ends every open session of these people; returns how many ended."""
    return sum(end(tx, session_id, now=now, reason=reason) for session_id in sessions.open_of(tx, people))
