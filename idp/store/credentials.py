"""Credentials by person and method. What `data` means is the method's own business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from idp.core.ids import new_id
from idp.store.models.people import Credential, Person
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class CredentialRow:
    id: str
    person_id: str
    data: Mapping[str, Any]
    must_change: bool
    handle: str = ""
    counter: int = -1
    label: str = ""
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    method: str = ""


_table = cast(Table, Credential.__table__)
_columns = (
    Credential.id, Credential.person_id, Credential.data, Credential.must_change, Credential.handle,
    Credential.counter, Credential.label, Credential.created_at, Credential.last_used_at, Credential.method,
)  # fmt: skip
_BY_USERNAME = (
    select(*_columns)
    .join(Person, Person.id == Credential.person_id)
    .where(
        Person.username == bindparam("username"), Person.status == "active", Credential.method == bindparam("method")
    )
)
_BY_HANDLE = (
    select(*_columns)
    .join(Person, Person.id == Credential.person_id)
    .where(
        Person.status == "active", Credential.method == bindparam("method"), Credential.handle == bindparam("handle")
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


def by_handle(tx: Tx, handle: str, method: str) -> CredentialRow | None:
    """The credential that its method calls so, of an active person."""
    row = tx.connection.execute(_BY_HANDLE, {"handle": handle, "method": method}).first() if handle else None
    return None if row is None else CredentialRow(*row)


def is_taken(tx: Tx, handle: str, method: str) -> bool:
    """Whether anybody has a credential that its method calls so, active or not."""
    query = select(Credential.id).where(Credential.method == method, Credential.handle == handle)
    return tx.connection.execute(query).first() is not None


def of_person(tx: Tx, person_id: str, method: str = "") -> list[CredentialRow]:
    """Every credential of a person, or those of one method, oldest first."""
    query = select(*_columns).where(Credential.person_id == person_id).order_by(Credential.id)
    if method:
        query = query.where(Credential.method == method)
    return [CredentialRow(*row) for row in tx.connection.execute(query)]


def methods_of(tx: Tx, person_id: str) -> dict[str, int]:
    """How many credentials a person holds, by method."""
    query = select(Credential.method, func.count()).where(Credential.person_id == person_id).group_by(Credential.method)
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def is_current(tx: Tx, credential_id: str) -> bool:
    """False when the credential was replaced since it was read, by a reset for instance."""
    return tx.connection.execute(_IS_CURRENT, {"id": credential_id}).first() is not None


def used(tx: Tx, credential_id: str, *, now: datetime) -> bool:
    """Notes that somebody proved themselves by it; False when it was replaced since it was read."""
    return tx.connection.execute(_USED, {"b_id": credential_id, "b_now": now}).rowcount == 1


def raise_counter(tx: Tx, credential_id: str, counter: int, *, from_zero: bool = False, now: datetime) -> bool:
    """Notes a use that counts: of any number of parallel uses of one count, one is True.

    With `from_zero`, 0 may follow 0: what does not count, cannot be seen to be used twice.
    """
    goes_up = _table.c.counter < counter
    if from_zero and counter == 0:
        goes_up = goes_up | (_table.c.counter == 0)
    query = update(_table).where(_table.c.id == credential_id, goes_up).values(counter=counter, last_used_at=now)
    return tx.connection.execute(query).rowcount == 1


def remove(tx: Tx, person_id: str, credential_id: str) -> bool:
    """Takes a person's credential away; of any number of parallel callers one is True."""
    query = delete(Credential).where(Credential.id == credential_id, Credential.person_id == person_id)
    return tx.connection.execute(query).rowcount == 1


def remove_all(tx: Tx, person_id: str, methods: Sequence[str]) -> int:
    """Takes away every credential of these methods; returns how many there were."""
    query = delete(Credential).where(Credential.person_id == person_id, Credential.method.in_(methods))
    return tx.connection.execute(query).rowcount


def rename(tx: Tx, person_id: str, credential_id: str, label: str) -> bool:
    query = update(_table).where(_table.c.id == credential_id, _table.c.person_id == person_id)
    return tx.connection.execute(query.values(label=label)).rowcount == 1


def add(
    tx: Tx, person_id: str, method: str, data: Mapping[str, Any], *, now: datetime, handle: str = "", label: str = "",
    counter: int = -1,
) -> str:  # fmt: skip
    """One more credential; returns its id. `data` holds no clear secret."""
    row = {
        "id": new_id(), "person_id": person_id, "method": method, "data": dict(data), "created_at": now,
        "handle": handle, "label": label, "counter": counter,
    }  # fmt: skip
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
