"""Who looked at whose data: a trace for the person and the guardian, not a row for every click (D18, D14)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from idp.core.clock import Clock
from idp.services.acting import Actor
from idp.store import audit
from idp.store.session import UnitOfWork


class Viewing:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def saw(self, actor: Actor, person_id: str, school_id: str, what: str) -> None:
        """Records `person_viewed` in a transaction of its own: once for one actor, person, part and hour.

        `what` is a word: `facts`, `guardians`, `cards`, `consents`, `photo`, … Looking at oneself is no event.
        """
        if actor.person_id == person_id:
            return
        now = self._clock.now()
        hour = now.replace(minute=0, second=0, microsecond=0)
        seen: dict[str, Any] = {"actor_id": actor.person_id, "person_id": person_id, "since": hour, "what": what}
        with self._uow.read() as tx:
            if audit.happened(tx, "person_viewed", **seen):
                return
        with self._uow.write() as tx:
            if not audit.happened(tx, "person_viewed", **seen):
                audit.record(
                    tx,
                    event="person_viewed",
                    now=now,
                    actor_id=actor.person_id,
                    person_id=person_id,
                    school_id=school_id,
                    data={"what": what, "role": actor.role},
                )

    def listed(
        self, actor: Actor, school_id: str, what: str, *, client_id: str = "", claims: Iterable[str] = (),
        basis: str = "",
    ) -> None:  # fmt: skip
        """Records `listed`: rows about people were shown, once for one actor, list, school, client and hour.

        `what` is the list: `people`, `guardians`, `cards`, … With an app, its `claims` and `basis` go along.
        """
        now = self._clock.now()
        data: dict[str, Any] = {"what": what, "role": actor.role, "school": school_id}
        if client_id:
            data |= {"claims": sorted(claims), "basis": basis}
        hour = now.replace(minute=0, second=0, microsecond=0)
        seen: dict[str, Any] = {"since": hour, "actor_id": actor.person_id}
        seen |= {"client_id": client_id} if client_id else {"basis": None}
        seen |= {name: value for name, value in data.items() if name != "role"}
        with self._uow.read() as tx:
            if audit.happened(tx, "listed", **seen):
                return
        with self._uow.write() as tx:
            if not audit.happened(tx, "listed", **seen):
                audit.record(
                    tx, event="listed", now=now, actor_id=actor.person_id, client_id=client_id, school_id=school_id,
                    data=data,
                )  # fmt: skip
