"""Ends a session: the session itself, what hangs on it, and word to every client, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from idp.core.clock import Clock
from idp.store import audit, grants, outbox, saml, sessions
from idp.store.session import Tx, UnitOfWork

KIND = "backchannel_logout"
SAML_KIND = "saml_logout"
"""One participant of a SAML session, told directly where it has an address for that."""
MAX_INDEXES = 20
"""Of the last sign-ons at one service: the word of a logout travels in an address."""


class Logout:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def reaches_saml(self, session_id: str) -> bool:
        """Whether a SAML service was entered in the session."""
        with self._uow.read() as tx:
            return bool(saml.of_session(tx, session_id))

    def end(self, session_id: str, *, reason: str = "logout") -> bool:
        """False when it had ended before; then nothing is done twice."""
        with self._uow.write() as tx:
            return end(tx, session_id, now=self._clock.now(), reason=reason)


def end(tx: Tx, session_id: str, *, now: datetime, reason: str, told: Collection[str] = ()) -> bool:
    """Ends one session in the caller's transaction.

    Clients hear of it through the outbox, so a slow one holds nobody up (Back-Channel Logout §2.5). `told` are the
    client ids of SAML services that the caller tells in another way.
    """
    clients = [
        row.client_id for row in grants.clients_of_session(tx, session_id) if row.metadata.get("backchannel_logout_uri")
    ]
    person_id = grants.end_session(tx, session_id, now=now)
    if person_id is None:
        return False
    for client_id in clients:
        data = {"client_id": client_id, "person_id": person_id, "session_id": session_id}
        outbox.enqueue(tx, kind=KIND, data=data, now=now)
    entered = saml.of_session(tx, session_id)
    for one in participants(entered):
        if one["client_id"] not in told and one["name_id"]:
            outbox.enqueue(tx, kind=SAML_KIND, data=one, now=now)
    clients += dict.fromkeys(one.client_id for one in entered)
    audit.record(
        tx,
        event="logout",
        now=now,
        person_id=person_id,
        data={"session": session_id, "reason": reason, "clients": clients},
    )
    return True


def participants(entered: Sequence[saml.ParticipantRow]) -> list[dict[str, Any]]:
    """Whom each service is told about, as outbox and steps of a logout keep it: one word for all its sign-ons under one
    name (SAML Core §3.7.1), the last sign-on first. A service that began its own session anew refuses a word about the
    one before while the new one lasts (Shibboleth SP)."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in reversed(entered):
        kept = {"client_id": one.client_id, "name_id": dict(one.name_id), "session_indexes": []}
        indexes = found.setdefault((one.client_id, one.name_hash), kept)["session_indexes"]
        if len(indexes) < MAX_INDEXES:
            indexes.append(one.session_index)
    return list(found.values())


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
