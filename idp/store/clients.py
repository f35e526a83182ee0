"""Registered clients and the schools they are switched on for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, bindparam, delete, insert, not_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from idp.core.scope import Scope
from idp.store.models.clients import Client, ClientSchool
from idp.store.models.org import Organisation
from idp.store.session import Tx
from idp.store.upsert import insert_if_new

_table = cast(Table, Client.__table__)
_c = _table.c
COLUMNS = (
    _c.client_id,
    _c.secret_hash,
    _c["metadata"],
    _c.profile,
    _c.sector,
    _c.owner,
    _c.purpose,
    _c.consent,
    _c.approved_scopes,
    _c.approved_claims,
    _c.resources,
    _c.all_schools,
    _c.end_date,
    _c.is_disabled,
    _c.protocol,
)
_FIND = select(*COLUMNS).where(_c.client_id == bindparam("client_id"))
_ALL = select(*COLUMNS).order_by(_c.client_id)


class ClientRow(NamedTuple):
    """A client in the order of COLUMNS; fits `oidc.ports.ClientRecord`."""

    client_id: str
    secret_hash: str
    metadata: Mapping[str, Any]
    profile: str
    sector: str
    owner: str
    purpose: str
    consent: str
    approved_scopes: Sequence[str]
    approved_claims: Sequence[str]
    resources: Sequence[str]
    all_schools: bool
    end_date: date | None
    is_disabled: bool
    protocol: str = "openid"


def find(tx: Tx, client_id: str) -> ClientRow | None:
    row = tx.connection.execute(_FIND, {"client_id": client_id}).first()
    return None if row is None else ClientRow._make(row)


def all_clients(tx: Tx) -> list[ClientRow]:
    """Every client, disabled ones too, by client_id."""
    return [ClientRow._make(row) for row in tx.connection.execute(_ALL)]


def add(tx: Tx, row: Mapping[str, Any]) -> None:
    """Inserts a client; keys are column names. Raises IntegrityError when the client_id is taken."""
    tx.connection.execute(insert(_table), dict(row))


def add_if_new(tx: Tx, row: Mapping[str, Any]) -> bool:
    """False when the client_id is taken; what is there stays as it is."""
    return insert_if_new(tx, _table, dict(row))


def replace(tx: Tx, client_id: str, row: Mapping[str, Any]) -> None:
    tx.connection.execute(update(_table).where(_c.client_id == client_id).values(dict(row)))


def disable(tx: Tx, client_id: str, *, now: datetime) -> bool:
    """False when there is no such client."""
    query = update(_table).where(_c.client_id == client_id).values(is_disabled=True, updated_at=now)
    return tx.connection.execute(query).rowcount == 1


def has_sector(tx: Tx, sector: str) -> bool:
    """Whether pairwise identifiers are or were made under that name, for a client of either protocol."""
    query = select(_c.client_id).where(_c.sector == sector).limit(1)
    return tx.connection.execute(query).first() is not None


def known_schools(tx: Tx, school_ids: Sequence[str]) -> set[str]:
    """Which of these organisations exist."""
    query = select(Organisation.id).where(Organisation.id.in_(school_ids))
    return set(tx.connection.execute(query).scalars())


def switch_on(tx: Tx, scope: Scope, client_id: str, *, begin: date, by: str) -> None:
    """The client is on at the schools of the scope from now on, but where a school has said otherwise."""
    rows = [
        {"client_id": client_id, "school_id": school, "begin": begin, "end": None, "switched_by": by}
        for school in scope.schools
    ]
    for row in rows:
        insert_if_new(tx, cast(Table, ClientSchool.__table__), row)


def switch_off(tx: Tx, scope: Scope, client_id: str) -> None:
    """The operator no longer has the client on at the schools of the scope."""
    query = delete(ClientSchool).where(
        ClientSchool.client_id == client_id,
        ClientSchool.school_id.in_(scope.schools),
        # What a school decided itself stays.
        ClientSchool.switched_by.in_(("", "operator")),
    )
    tx.connection.execute(query)


def schools_of(tx: Tx, client_id: str) -> list[str]:
    """Where it is switched on; the operator's view over all schools."""
    query = select(ClientSchool.school_id).where(ClientSchool.client_id == client_id).order_by(ClientSchool.school_id)
    return list(tx.connection.execute(query).scalars())


def schools_on(tx: Tx, client_id: str, *, today: date) -> list[str]:
    """Where it is switched on today, over all schools."""
    query = select(ClientSchool.school_id).where(ClientSchool.client_id == client_id, is_on(today))
    return list(tx.connection.execute(query.order_by(ClientSchool.school_id)).scalars())


def schools_off(tx: Tx, client_id: str, *, today: date) -> set[str]:
    """Where a client that is on everywhere was switched off by the school (order-456 reference R2.3)."""
    query = select(ClientSchool.school_id).where(ClientSchool.client_id == client_id, not_(is_on(today)))
    return set(tx.connection.execute(query).scalars())


def is_on(today: Any) -> ColumnElement[bool]:
    """SQL condition: the licence has begun and not ended on a day."""
    return and_(
        or_(ClientSchool.begin.is_(None), ClientSchool.begin <= today),
        or_(ClientSchool.end.is_(None), ClientSchool.end > today),
    )
