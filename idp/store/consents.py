"""What people allowed clients to receive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import Table, and_, bindparam, select, update

from idp.core.ids import new_id
from idp.store.models.clients import ClientConsent
from idp.store.models.people import Membership
from idp.store.session import Tx
from idp.store.upsert import insert_or_update

_table = cast(Table, ClientConsent.__table__)
_FIND = select(_table.c.scopes, _table.c.claims, _table.c.given_at, _table.c.id).where(
    _table.c.person_id == bindparam("person_id"),
    _table.c.client_id == bindparam("client_id"),
    _table.c.membership_id == bindparam("membership_id"),
    _table.c.withdrawn_at.is_(None),
)


class ConsentRow(NamedTuple):
    """Fits `oidc.ports.ConsentRecord`."""

    scopes: Sequence[str]
    claims: Sequence[str]
    given_at: datetime
    id: str = ""


class StandingRow(NamedTuple):
    """A standing consent, with the role in which it was given; empty where that membership is gone."""

    client_id: str
    scopes: Sequence[str]
    claims: Sequence[str]
    given_at: datetime
    school_id: str | None
    role: str


def find(tx: Tx, *, person_id: str, client_id: str, membership_id: str | None) -> ConsentRow | None:
    """The standing consent; without a membership it is remembered under an empty id."""
    key = {"person_id": person_id, "client_id": client_id, "membership_id": membership_id or ""}
    row = tx.connection.execute(_FIND, key).first()
    return None if row is None else ConsentRow._make(row)


def give(
    tx: Tx,
    *,
    person_id: str,
    client_id: str,
    membership_id: str | None,
    school_id: str | None,
    scopes: Sequence[str],
    claims: Sequence[str],
    now: datetime,
) -> None:
    """Remembers a consent; an older one of the same person, client and membership is replaced."""
    row = {
        "id": new_id(),
        "person_id": person_id,
        "client_id": client_id,
        "membership_id": membership_id or "",
        "school_id": school_id,
        "scopes": list(scopes),
        "claims": list(claims),
        "given_at": now,
        "withdrawn_at": None,
    }
    insert_or_update(tx, _table, row, key=("person_id", "client_id", "membership_id"), keep=("id",))


def standing(tx: Tx, person_id: str) -> list[StandingRow]:
    """Everything that a person allows clients to receive now, the newest first."""
    held = and_(Membership.id == _table.c.membership_id, Membership.person_id == person_id)
    query = (
        select(_table.c.client_id, _table.c.scopes, _table.c.claims, _table.c.given_at, _table.c.school_id,
               Membership.role)
        .outerjoin(Membership, held)
        .where(_table.c.person_id == person_id, _table.c.withdrawn_at.is_(None))
        .order_by(_table.c.given_at.desc(), _table.c.id)
    )  # fmt: skip
    return [StandingRow._make((*row[:5], row[5] or "")) for row in tx.connection.execute(query)]


def withdraw(tx: Tx, person_id: str, client_id: str, *, now: datetime) -> int:
    """Ends what a person allows a client, in every role; returns how many consents that were."""
    query = update(_table).where(
        _table.c.person_id == person_id, _table.c.client_id == client_id, _table.c.withdrawn_at.is_(None)
    )
    return tx.connection.execute(query.values(withdrawn_at=now)).rowcount
