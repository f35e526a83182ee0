"""What a person has allowed clients: the list, and taking it back.

A permission is the answer to what a client asked at a sign-in (`services/consent.py`); consent to the processing of
personal data is another thing (`services/data_consents.py`). Beside permissions stand clients that may come back while
the person is away, also where the school's own modules never ask.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from idp.core.clock import Clock
from idp.oidc.scopes import OFFLINE, OPENID
from idp.services.audit_log import client_name, school_name
from idp.services.logout import KIND, SAML_KIND, participants
from idp.store import audit, audit_log, consents, grants, outbox, saml
from idp.store.session import UnitOfWork


@dataclass(slots=True)
class Permission:
    """What one client may have. `claims` and `scopes` are names; `places` holds a (role, school) for each role in
    which it was allowed. `is_asked` is False for a client that needs no permission and only may come back."""

    client_id: str
    name: str
    owner: str
    logo_uri: str
    since: datetime
    is_asked: bool = False
    is_offline: bool = False
    claims: list[str] = field(default_factory=list)
    scopes: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)


class Permissions:
    def __init__(self, uow: UnitOfWork, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def of(self, person_id: str, *, language: str = "kk") -> list[Permission]:
        """Everything in force now, one entry a client, in the order of names."""
        with self._uow.read() as tx:
            given = consents.standing(tx, person_id)
            offline = grants.offline(tx, person_id, now=self._clock.now())
            clients = audit_log.client_metadata(
                tx, {row.client_id for row in given} | {row.client_id for row in offline}
            )
            schools = audit_log.school_names(tx, {row.school_id for row in given if row.school_id})
        found: dict[str, Permission] = {}

        def entry(client_id: str, since: datetime) -> Permission:
            said = clients.get(client_id, {})
            logo = str(said.get(f"logo_uri#{language}") or said.get("logo_uri") or "")
            fresh = Permission(
                client_id, client_name(clients, client_id, language), str(said.get("owner", "")), logo, since
            )
            one = found.setdefault(client_id, fresh)
            one.since = min(one.since, since)
            return one

        for row in given:
            one = entry(row.client_id, row.given_at)
            one.is_asked, one.is_offline = True, one.is_offline or OFFLINE in row.scopes
            one.claims += [name for name in row.claims if name not in one.claims]
            one.scopes += [name for name in row.scopes if name not in (*one.scopes, OPENID, OFFLINE)]
            place = (row.role, school_name(schools, row.school_id or "", language))
            if any(place) and place not in one.places:
                one.places.append(place)
        for grant in offline:
            one = entry(grant.client_id, grant.created_at)
            one.is_offline = True
            one.scopes += [name for name in grant.scope.split() if name not in (*one.scopes, OPENID, OFFLINE)]
        return sorted(found.values(), key=lambda one: (one.name.casefold(), one.client_id))

    def withdraw(self, person_id: str, client_id: str) -> bool:
        """Takes back what a client was allowed, in every role, with its codes and refresh tokens; it is told that the
        person is signed out there. The next sign-in asks again. False when there was nothing, which is no mistake.
        """
        now = self._clock.now()
        with self._uow.write() as tx:
            told = grants.open_sessions(tx, person_id, client_id, now=now)
            number = consents.withdraw(tx, person_id, client_id, now=now)
            ended = grants.revoke_client(tx, person_id, client_id, now=now)
            if not number and not ended:
                return False
            known = audit_log.client_metadata(tx, [client_id])
            if known.get(client_id, {}).get("backchannel_logout_uri"):
                for session_id in told:
                    data = {"client_id": client_id, "person_id": person_id, "session_id": session_id}
                    outbox.enqueue(tx, kind=KIND, data=data, now=now)
            for entered in participants(saml.take(tx, person_id, client_id)):
                outbox.enqueue(tx, kind=SAML_KIND, data=entered, now=now)
            audit.record(
                tx, event="permission_withdrawn", now=now, person_id=person_id, client_id=client_id,
                data={"permissions": number, "grants": ended},
            )  # fmt: skip
        return True
