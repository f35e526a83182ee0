"""Credentials by person and method. What `data` means is the method's own business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update

from idp.core.ids import new_id
from idp.store.models.people import Credential, Person
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class CredentialRow:
    id: str
    person_id: str
    data: Mapping[str, Any]
    must_change: bool


_table = cast(Table, Credential.__table__)
_columns = (Credential.id, Credential.person_id, Credential.data, Credential.must_change)
_BY_USERNAME = (
    select(*_columns)
    .join(Person, Person.id == Credential.person_id)
    .where(
        Person.username == bindparam("username"), Person.status == "active", Credential.method == bindparam("method")
    )
)
_IS_CURRENT = select(_table.c.id).where(_table.c.id == bindparam("id"))
_USED = update(_table).where(_table.c.id == bindparam("b_id")).values(last_used_at=bindparam("b_now"))


def by_username(tx: Tx, username: str, method: str) -> CredentialRow | None:
    """The credential of an active person; None also for people who may not sign in."""
    row = tx.connection.execute(_BY_USERNAME, {"username": username, "method": method}).first()
    return None if row is None else CredentialRow(*row)


def by_person(tx: Tx, person_id: str, method: str) -> CredentialRow | None:
    query = select(*_columns).where(Credential.person_id == person_id, Credential.method == method)
    row = tx.connection.execute(query).first()
    return None if row is None else CredentialRow(*row)


def is_current(tx: Tx, credential_id: str) -> bool:
    """False when the credential was replaced since it was read, by a reset for instance."""
    return tx.connection.execute(_IS_CURRENT, {"id": credential_id}).first() is not None


def used(tx: Tx, credential_id: str, *, now: datetime) -> bool:
    """Notes that somebody proved themselves by it; False when it was replaced since it was read."""
    return tx.connection.execute(_USED, {"b_id": credential_id, "b_now": now}).rowcount == 1


def add(tx: Tx, person_id: str, method: str, data: Mapping[str, Any], *, now: datetime) -> str:
    """A person's first credential of this method; returns its id. For methods whose `data` holds no secret."""
    row = {"id": new_id(), "person_id": person_id, "method": method, "data": dict(data), "created_at": now}
    tx.connection.execute(insert(Credential), row)
    return str(row["id"])


def keep(tx: Tx, credential_id: str, data: Mapping[str, Any]) -> None:
    """Gives a credential other data; it stays the same credential."""
    tx.connection.execute(update(_table).where(_table.c.id == credential_id).values(data=dict(data)))


def replace(
    tx: Tx, method: str, data_by_person: Iterable[tuple[str, dict[str, Any]]], *, must_change: bool, now: datetime
) -> None:
    """Gives each person exactly one credential of this method; an older one is gone."""
    pairs = list(data_by_person)
    if not pairs:
        return
    tx.connection.execute(
        delete(Credential).where(Credential.method == method, Credential.person_id == bindparam("b_person")),
        [{"b_person": person_id} for person_id, _ in pairs],
    )
    tx.connection.execute(
        insert(Credential),
        [
            {
                "id": new_id(),
                "person_id": person_id,
                "method": method,
                "data": data,
                "must_change": must_change,
                "created_at": now,
            }
            for person_id, data in pairs
        ],
    )
