"""The engine's stores on SQL: one small adapter each over the statements beside this file (`oidc/ports.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, not_, or_, select

from idp.core.clock import local_date
from idp.core.scope import Scope
from idp.store import audit, claims, clients, consent_release, consents, grants, one_time, sessions
from idp.store.clients import ClientRow
from idp.store.models.clients import ClientSchool
from idp.store.models.people import Membership, Person
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx, UnitOfWork

ScopeOf = Callable[[str, str, tuple[str, ...]], Scope]
"""`services.scope.of_person(person_id, role, schools)`: scopes are made there and nowhere else."""

_today = bindparam("today", type_=Membership.__table__.c.begin.type)
_LIVE = (
    select(
        LoginSession.id,
        LoginSession.person_id,
        Membership.id,
        Membership.school_id,
        LoginSession.acr,
        LoginSession.amr,
        LoginSession.auth_time,
        Person.username,
        LoginSession.last_seen_at,
        and_(ClientSchool.client_id.is_not(None), clients.is_on(_today)).label("is_on"),
        and_(ClientSchool.client_id.is_not(None), not_(clients.is_on(_today))).label("is_off"),
        ClientSchool.withheld,
        LoginSession.expires_at,
        Membership.role,
        LoginSession.idle_seconds,
    )
    .join(Person, Person.id == LoginSession.person_id)
    .outerjoin(
        Membership,
        and_(
            Membership.id == LoginSession.membership_id,
            or_(Membership.begin.is_(None), Membership.begin <= _today),
            or_(Membership.end.is_(None), Membership.end > _today),
        ),
    )
    .outerjoin(
        ClientSchool,
        and_(
            ClientSchool.client_id == bindparam("client_id"),
            ClientSchool.school_id == Membership.school_id,
        ),
    )
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > bindparam("now"),
        Person.status == "active",
    )
)


class SessionRow(NamedTuple):
    """A live session as one client sees it; fits the `SessionView` of both engines."""

    id: str
    person_id: str
    membership_id: str | None
    school_id: str | None
    acr: str
    amr: Sequence[str]
    auth_time: datetime
    username: str
    last_seen_at: datetime
    is_client_on: bool
    is_client_off: bool = False
    withheld: Sequence[str] = ()
    expires_at: datetime | None = None
    role: str = ""


class _Store:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx


class ClientStore(_Store):
    def find(self, client_id: str) -> ClientRow | None:
        """A SAML service provider is no client here: it has no secret, and registered no redirect address."""
        row = clients.find(self._tx, client_id)
        return row if row is not None and row.protocol == "openid" else None


class SessionStore(_Store):
    def live(self, token_hash: str, client_id: str, *, now: datetime) -> SessionRow | None:
        """Session, person, active membership and the client's licence at its school, in one statement."""
        bound = {"token_hash": token_hash, "client_id": client_id, "now": now, "today": local_date(now)}
        row = self._tx.connection.execute(_LIVE, bound).first()
        if row is None or row.last_seen_at + timedelta(seconds=row.idle_seconds) <= now:
            return None
        is_on, is_off, withheld, expires_at, role = tuple(row)[9:14]
        return SessionRow._make((*row[:9], bool(is_on), bool(is_off), withheld or (), expires_at, role or ""))

    def touch(self, session_id: str, *, now: datetime) -> None:
        sessions.touch(self._tx, session_id, now=now)


class GrantStore(_Store):
    def add(self, row: Mapping[str, Any]) -> None:
        grants.add(self._tx, row)

    def redeem(self, bound: Mapping[str, Any]) -> grants.GrantRow | None:
        return grants.redeem(self._tx, bound)

    def rotate(self, bound: Mapping[str, Any]) -> grants.GrantRow | None:
        return grants.rotate(self._tx, bound)

    def history(self, grant_id: str) -> grants.HistoryRow | None:
        return grants.history(self._tx, grant_id)

    def revoke(self, grant_id: str, *, now: datetime) -> bool:
        return grants.revoke(self._tx, grant_id, now=now)


class TokenStore(_Store):
    def standing(self, *, grant_id: str, client_id: str, jti: str, now: datetime) -> grants.StandingRow | None:
        return grants.standing(self._tx, grant_id=grant_id, client_id=client_id, jti=jti, now=now)

    def revoke(self, jti: str, *, expires_at: datetime) -> None:
        grants.revoke_token(self._tx, jti, expires_at=expires_at)


class OneTimeStore(_Store):
    def consume(self, value: str, *, purpose: str, now: datetime) -> Mapping[str, Any] | None:
        return one_time.consume(self._tx, value, purpose=purpose, now=now)

    def put(self, value: str, *, purpose: str, data: dict[str, Any], now: datetime, ttl_seconds: int) -> None:
        one_time.put(self._tx, value, purpose=purpose, data=data, now=now, ttl=timedelta(seconds=ttl_seconds))

    def put_if_new(self, value: str, *, purpose: str, now: datetime, ttl_seconds: int) -> bool:
        return one_time.put_if_new(self._tx, value, purpose=purpose, now=now, ttl=timedelta(seconds=ttl_seconds))

    def peek(self, value: str, *, purpose: str, now: datetime) -> Mapping[str, Any] | None:
        return one_time.peek(self._tx, value, purpose=purpose, now=now)


class ConsentStore(_Store):
    def find(self, *, person_id: str, client_id: str, membership_id: str | None) -> consents.ConsentRow | None:
        return consents.find(self._tx, person_id=person_id, client_id=client_id, membership_id=membership_id)

    def lacks_data_consent(self, person_id: str, client_id: str, membership_id: str | None, *, today: date) -> bool:
        return consent_release.lacks(self._tx, person_id, client_id, membership_id, today=today)


class ClaimStore(_Store):
    """Remembers person and memberships within one transaction: several claims begin with them."""

    def __init__(self, tx: Tx, scope_of: ScopeOf) -> None:
        super().__init__(tx)
        self._scope_of = scope_of
        self._memberships: dict[str, list[Mapping[str, Any]]] = {}
        self._people: dict[str, Mapping[str, Any] | None] = {}

    def person(self, person_id: str) -> Mapping[str, Any] | None:
        if person_id not in self._people:
            self._people[person_id] = claims.person(self._tx, person_id)
        return self._people[person_id]

    def memberships(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        if person_id not in self._memberships:
            self._memberships[person_id] = claims.memberships(self._tx, person_id, today=today)
        return self._memberships[person_id]

    def classes(self, person_id: str, membership_id: str, *, today: date) -> list[Mapping[str, Any]]:
        """As pupil in a pupil's membership, as teacher in a member of staff's: two memberships never merge."""
        active = self._active(person_id, membership_id, today)
        if active is None or active["school_id"] is None:
            return []
        roles = claims.PUPIL_ROLES if active["role"] == "pupil" else claims.STAFF_ROLES
        scope = self._scope_of(person_id, active["role"], (active["school_id"],))
        return claims.classes(self._tx, scope, [person_id], roles, today=today)

    def children(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        """With `classes` of each child at its school."""
        rows = claims.children(self._tx, person_id, today=today)
        schools = tuple(dict.fromkeys(row["school_id"] for row in rows if row["school_id"]))
        scope = self._scope_of(person_id, "guardian", schools)
        ids = [row["person_id"] for row in rows]
        found = claims.classes(self._tx, scope, ids, claims.PUPIL_ROLES, today=today) if schools else []
        return [{**row, "classes": [one for one in found if one["person_id"] == row["person_id"]]} for row in rows]

    def guardians(self, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
        return claims.guardians(self._tx, person_id, today=today)

    def licences(self, person_id: str, membership_id: str, *, today: date) -> list[Mapping[str, Any]]:
        active = self._active(person_id, membership_id, today)
        if active is None or active["school_id"] is None:
            return []
        scope = self._scope_of(person_id, active["role"], (active["school_id"],))
        return claims.licences(self._tx, scope, today=today)

    def _active(self, person_id: str, membership_id: str, today: date) -> Mapping[str, Any] | None:
        return next((row for row in self.memberships(person_id, today=today) if row["id"] == membership_id), None)


class AuditStore(_Store):
    def record(
        self,
        event: str,
        *,
        now: datetime,
        person_id: str = "",
        client_id: str = "",
        school_id: str = "",
        data: dict[str, Any] | None = None,
    ) -> None:
        audit.record(
            self._tx, event=event, now=now, person_id=person_id, client_id=client_id, school_id=school_id, data=data
        )

    def happened(self, event: str, *, since: datetime, person_id: str = "", client_id: str = "", **data: Any) -> bool:
        return audit.happened(self._tx, event, since=since, person_id=person_id, client_id=client_id, **data)


class SqlStores(_Store):
    """All stores of one transaction (`oidc.ports.Stores`), made when asked for."""

    def __init__(self, tx: Tx, scope_of: ScopeOf) -> None:
        super().__init__(tx)
        self._scope_of = scope_of

    @property
    def clients(self) -> ClientStore:
        return ClientStore(self._tx)

    @property
    def sessions(self) -> SessionStore:
        return SessionStore(self._tx)

    @property
    def grants(self) -> GrantStore:
        return GrantStore(self._tx)

    @property
    def tokens(self) -> TokenStore:
        return TokenStore(self._tx)

    @property
    def one_time(self) -> OneTimeStore:
        return OneTimeStore(self._tx)

    @property
    def consents(self) -> ConsentStore:
        return ConsentStore(self._tx)

    @property
    def claims(self) -> ClaimStore:
        return ClaimStore(self._tx, self._scope_of)

    @property
    def audit(self) -> AuditStore:
        return AuditStore(self._tx)


class OidcStores:
    """Opens transactions for the engine (`oidc.ports.OidcUnit`)."""

    def __init__(self, uow: UnitOfWork, scope_of: ScopeOf) -> None:
        self._uow = uow
        self._scope_of = scope_of

    @contextmanager
    def read(self) -> Iterator[SqlStores]:
        with self._uow.read() as tx:
            yield SqlStores(tx, self._scope_of)

    @contextmanager
    def write(self) -> Iterator[SqlStores]:
        with self._uow.write() as tx:
            yield SqlStores(tx, self._scope_of)
