"""Who has access, with what each role may do: read from the table of rights itself, so it is never out of date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from idp.core.clock import Clock, local_date
from idp.core.scope import Scope
from idp.services.rights import RIGHTS
from idp.store import access_list
from idp.store.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class Entry:
    """One role of one person; `rights` are names of `services.rights.RIGHTS` with how far each reaches."""

    person_id: str
    name: str
    role: str
    since: date | None
    last_seen: datetime | None
    has_second_factor: bool
    rights: tuple[tuple[str, str], ...]


class AccessList:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def entries(self, scope: Scope) -> list[Entry]:
        """Everybody with a role at the scope's schools today who is no pupil and no guardian."""
        with self._uow.read() as tx:
            rows = access_list.staff(tx, scope, today=local_date(self._clock.now()))
        return [
            Entry(
                row["id"],
                row["name"],
                row["role"],
                row["begin"],
                row["last_seen"],
                row["second_factor"],
                rights_of(row["role"]),
            )
            for row in rows
        ]


def rights_of(role: str) -> tuple[tuple[str, str], ...]:
    """(right, reach) of a role, in the order of the table."""
    return tuple((name, right.reach[role]) for name, right in RIGHTS.items() if role in right.reach)
