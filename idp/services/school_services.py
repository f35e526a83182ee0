"""The services of a school: what is on, what it receives on which basis, and the switch (order-456 reference R2.3).

The switch works in the next request: sign-in, tokens and UserInfo look at it each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from idp.core.clock import Clock, local_date
from idp.core.errors import NotFound
from idp.core.scope import Scope
from idp.oidc.client import Client
from idp.services.acting import Actor
from idp.services.audit_log import client_name
from idp.services.saml_terms import told_by_name
from idp.store import audit, audit_log, saml_entities, school_services
from idp.store.clients import ClientRow
from idp.store.session import Tx, UnitOfWork

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
    protocol: str = "openid"
    withheld: tuple[str, ...] = ()
    """Of `claims`: what the school does not let go to a SAML service; clients of OpenID Connect ask by scope."""


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
            given = _given(tx, [row for row, _ in rows])
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
                    claims=given[row.client_id],
                    basis=client.basis,
                    iin_basis=client.iin_basis if "iin" in client.approved_claims else "",
                    end_date=row.end_date,
                    is_on=bool(said["on"]) if said else row.all_schools,
                    since=said["begin"] if said else None,
                    is_everywhere=row.all_schools,
                    last_used=used.get(row.client_id),
                    protocol=row.protocol,
                    withheld=tuple(said["withheld"] or ()) if said else (),
                )
            )
        return sorted(found, key=lambda one: (not one.is_on, one.name, one.client_id))

    def names(self, client_ids: Sequence[str], *, language: str = "kk") -> list[str]:
        """What these services call themselves, each once."""
        with self._uow.read() as tx:
            known = audit_log.client_metadata(tx, set(client_ids))
        return list(dict.fromkeys(client_name(known, client_id, language) for client_id in client_ids))

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

    def withhold(self, scope: Scope, actor: Actor, client_id: str, given: Sequence[str]) -> None:
        """The school lets go `given` and nothing else of what the operator approved for a SAML service that is on.

        Felt at the next sign-on. Raises NotFound for another service.
        """
        now = self._clock.now()
        today = local_date(now)
        with self._uow.write() as tx:
            found = {row.client_id: (row, said) for row, said in school_services.listed(tx, scope, today=today)}
            row, said = found.get(client_id, (None, None))
            is_on = row is not None and (bool(said["on"]) if said else row.all_schools)
            if row is None or row.protocol != "saml" or not is_on:
                raise NotFound("no such service")
            withheld = [name for name in _given(tx, [row])[client_id] if name not in given]
            if withheld == list((said or {}).get("withheld") or ()):
                return
            school_services.withhold(tx, scope, client_id, withheld, begin=said["begin"] if said else today)
            audit.record(
                tx, event="client_data_limited", now=now, actor_id=actor.person_id, client_id=client_id,
                school_id=scope.schools[0], data={"withheld": withheld},
            )  # fmt: skip


def _given(tx: Tx, rows: Sequence[ClientRow]) -> dict[str, tuple[str, ...]]:
    """By client_id what a service receives: what was approved, and what the NameID of SAML gives away beside it."""
    settings = saml_entities.settings_of(tx, [row.client_id for row in rows if row.protocol == "saml"])
    return {
        row.client_id: tuple(
            dict.fromkeys((*Client(row).approved_claims, *told_by_name(settings.get(row.client_id, {}))))
        )
        for row in rows
    }
