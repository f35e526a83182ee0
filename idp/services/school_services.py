"""The services of a school: what is on, what it receives on which basis, and the switch (order-456 reference R2.3).

The switch works in the next request: sign-in, tokens and UserInfo look at it each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.scope import Scope
from idp.oidc.client import Client
from idp.services.acting import Actor
from idp.store import audit, school_services
from idp.store.session import UnitOfWork

LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Service:
    """`basis` is `consent`, `school` or `contract`; `last_used` looks back 90 days."""

    client_id: str
    name: str
    logo_uri: str
    owner: str
    purpose: str
    claims: tuple[str, ...]
    basis: str
    iin_basis: str
    end_date: date | None
    is_on: bool
    since: date | None
    is_everywhere: bool
    last_used: datetime | None


class SchoolServices:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def of(self, scope: Scope, *, language: str = "kk") -> list[Service]:
        """Clients in force as the one school of the scope has them, those that are on first."""
        now = self._clock.now()
        with self._uow.read() as tx:
            rows = school_services.listed(tx, scope, today=local_date(now))
            used = school_services.last_used(tx, scope, since=now - LOOKED_BACK)
        found = []
        for row, said in rows:
            client = Client(row)
            found.append(
                Service(
                    client_id=row.client_id,
                    name=client.text("client_name", language) or row.client_id,
                    logo_uri=client.text("logo_uri", language),
                    owner=row.owner,
                    purpose=row.purpose,
                    claims=client.approved_claims,
                    basis=client.basis,
                    iin_basis=client.iin_basis if "iin" in client.approved_claims else "",
                    end_date=row.end_date,
                    is_on=bool(said["on"]) if said else row.all_schools,
                    since=said["begin"] if said else None,
                    is_everywhere=row.all_schools,
                    last_used=used.get(row.client_id),
                )
            )
        return sorted(found, key=lambda one: (not one.is_on, one.name, one.client_id))

    def switch(self, scope: Scope, actor: Actor, client_id: str, *, is_on: bool) -> None:
        """Switches a client in force on or off at the one school of the scope. Twice is as good as once.

        Raises NotFound for a client that is not listed.
        """
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            found = {row.client_id: (row, said) for row, said in school_services.listed(tx, scope, today=today)}
            if client_id not in found:
                raise NotFound("no such client")
            row, said = found[client_id]
            if (bool(said["on"]) if said else row.all_schools) == is_on:
                return
            school_services.switch(tx, scope, client_id, is_on=is_on, today=today, by=actor.person_id)
            who: dict[str, Any] = {"actor_id": actor.person_id, "client_id": client_id, "school_id": scope.schools[0]}
            if is_on:
                audit.record(tx, event="client_switched_on", now=now, **who)
            else:
                audit.record(tx, event="client_switched_off", now=now, **who)
