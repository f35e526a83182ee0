"""SAML service providers and who is signed on where; the engine's stores on SQL (`saml/ports.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import String, Table, bindparam, delete, exists, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite

from idp.core.ids import fingerprint
from idp.store.models.clients import Client
from idp.store.models.saml import SamlEntity, SamlParticipant
from idp.store.models.sessions import LoginSession
from idp.store.oidc import AuditStore, ClaimStore, ConsentStore, OneTimeStore, ScopeOf, SessionStore
from idp.store.session import Tx, UnitOfWork

if TYPE_CHECKING:
    from idp.saml.entity import ServiceProvider, Settings

Reader = Callable[[str, str], "tuple[ServiceProvider, Settings]"]
"""Turns the JSON of an entity's two columns into the engine's records, which never change and so may be kept."""

_entities = cast(Table, SamlEntity.__table__)
_participants = cast(Table, SamlParticipant.__table__)
_c = Client.__table__.c
_COLUMNS = (
    _c.client_id, _c.sector, _c.owner, _c.purpose, _c.consent, _c.approved_claims, _c.all_schools, _c.end_date,
    _c.is_disabled, _entities.c.valid_until, sql_cast(_entities.c.provider, String),
    sql_cast(_entities.c.settings, String),
)  # fmt: skip
_FIND = (
    select(*_COLUMNS)
    .join(_entities, _entities.c.client_id == _c.client_id)
    .where(_entities.c.entity_id == bindparam("entity_id"))
)
_GET = (
    select(*_COLUMNS)
    .join(_entities, _entities.c.client_id == _c.client_id)
    .where(_c.client_id == bindparam("client_id"))
)
_NAMED = select(_participants).where(
    _participants.c.client_id == bindparam("client_id"), _participants.c.name_hash == bindparam("name_hash")
)
_OF_SESSION = select(_participants).where(_participants.c.session_id == bindparam("session_id"))
_ADD = {
    "sqlite": sqlite.insert(_participants).on_conflict_do_nothing().returning(_participants.c.request_hash),
    "postgresql": postgresql.insert(_participants).on_conflict_do_nothing().returning(_participants.c.request_hash),
}
"""Made once: a statement built for each request costs more than the row."""


class SpRow(NamedTuple):
    """A registered service provider; fits `saml.ports.SpRecord`."""

    client_id: str
    sector: str
    owner: str
    purpose: str
    consent: str
    approved_attributes: Sequence[str]
    all_schools: bool
    end_date: date | None
    is_disabled: bool
    valid_until: datetime | None
    provider: ServiceProvider
    settings: Settings


class ParticipantRow(NamedTuple):
    """In the order of the table's columns; fits `saml.ports.Participant`."""

    request_hash: str
    client_id: str
    session_id: str
    person_id: str
    name_id: Mapping[str, str]
    name_hash: str
    session_index: str
    created_at: datetime


def of_session(tx: Tx, session_id: str) -> list[ParticipantRow]:
    """Every sign-on of a session, oldest first."""
    rows = tx.connection.execute(_OF_SESSION.order_by(_participants.c.created_at), {"session_id": session_id})
    return [ParticipantRow._make(row) for row in rows]


def take(tx: Tx, person_id: str, client_id: str) -> list[ParticipantRow]:
    """Removes a person's sign-ons at one service and returns those of sessions that are open: they are to be told."""
    mine = (_participants.c.person_id == person_id) & (_participants.c.client_id == client_id)
    is_open = exists().where(LoginSession.id == _participants.c.session_id, LoginSession.ended_at.is_(None))
    found = [ParticipantRow._make(row) for row in tx.connection.execute(select(_participants).where(mine, is_open))]
    tx.connection.execute(delete(_participants).where(mine))
    return found


class ProviderStore:
    def __init__(self, tx: Tx, reader: Reader) -> None:
        self._tx = tx
        self._reader = reader

    def find(self, entity_id: str) -> SpRow | None:
        return self._one(_FIND, {"entity_id": entity_id})

    def get(self, client_id: str) -> SpRow | None:
        return self._one(_GET, {"client_id": client_id})

    def _one(self, statement: Any, bound: Mapping[str, Any]) -> SpRow | None:
        row = self._tx.connection.execute(statement, bound).first()
        if row is None:
            return None
        values = tuple(row)
        return SpRow._make((*values[:10], *self._reader(values[10], values[11])))


class ParticipantStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, row: Mapping[str, Any], *, request_id: str) -> bool:
        value = row["name_id"].get("value", "")
        hashes = {
            "name_hash": fingerprint(value) if value else "",
            "request_hash": fingerprint(f"{row['client_id']} {request_id or row['session_index']}"),
        }
        connection = self._tx.connection
        return connection.execute(_ADD[connection.dialect.name], {**row, **hashes}).first() is not None

    def named(self, client_id: str, name_id: str, session_indexes: Sequence[str]) -> list[ParticipantRow]:
        """No sign-on without a NameID is found by an empty one."""
        if not name_id:
            return []
        rows = self._tx.connection.execute(_NAMED, {"client_id": client_id, "name_hash": fingerprint(name_id)})
        found = [ParticipantRow._make(row) for row in rows]
        return [one for one in found if not session_indexes or one.session_index in session_indexes]


class SqlStores:
    """All stores of one transaction (`saml.ports.Stores`), made when asked for."""

    def __init__(self, tx: Tx, scope_of: ScopeOf, reader: Reader) -> None:
        self._tx = tx
        self._reader = reader
        self.facts = ClaimStore(tx, scope_of)

    @property
    def providers(self) -> ProviderStore:
        return ProviderStore(self._tx, self._reader)

    @property
    def sessions(self) -> SessionStore:
        return SessionStore(self._tx)

    @property
    def participants(self) -> ParticipantStore:
        return ParticipantStore(self._tx)

    @property
    def one_time(self) -> OneTimeStore:
        return OneTimeStore(self._tx)

    @property
    def consents(self) -> ConsentStore:
        return ConsentStore(self._tx)

    @property
    def audit(self) -> AuditStore:
        return AuditStore(self._tx)


class SamlStores:
    """Opens transactions for the engine (`saml.ports.SamlUnit`)."""

    def __init__(self, uow: UnitOfWork, scope_of: ScopeOf, reader: Reader) -> None:
        self._uow = uow
        self._scope_of = scope_of
        self._reader = reader

    @contextmanager
    def read(self) -> Iterator[SqlStores]:
        with self._uow.read() as tx:
            yield SqlStores(tx, self._scope_of, self._reader)

    @contextmanager
    def write(self) -> Iterator[SqlStores]:
        with self._uow.write() as tx:
            yield SqlStores(tx, self._scope_of, self._reader)
