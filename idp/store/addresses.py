"""E-mail addresses of people: whose one is, and whether its owner has confirmed it. Bound to the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from idp.store.models.people import Person
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody who may sign in, and where mail reaches them; `is_verified` only when they confirmed it."""

    person_id: str
    username: str
    name: str
    email: str
    is_verified: bool
    language: str


_COLUMNS = (
    Person.id, Person.username, Person.given_name, Person.email, Person.email_verified, Person.language,
)  # fmt: skip
_OF_PERSON = select(*_COLUMNS).where(Person.id == bindparam("person_id"), Person.status == "active")
_BY_USERNAME = select(*_COLUMNS).where(Person.username == bindparam("name"), Person.status == "active")
_BY_EMAIL = (
    select(*_COLUMNS)
    .where(Person.email == bindparam("name"), Person.email_verified.is_(True), Person.status == "active")
    .limit(2)
)


def of_person(tx: Tx, person_id: str) -> Address | None:
    row = tx.connection.execute(_OF_PERSON, {"person_id": person_id}).first()
    return None if row is None else Address(*row)


def named(tx: Tx, name: str) -> Address | None:
    """Who is meant by a username or a confirmed address; None also when two people share the address."""
    row = tx.connection.execute(_BY_USERNAME, {"name": name}).first()
    if row is not None:
        return Address(*row)
    rows = tx.connection.execute(_BY_EMAIL, {"name": name}).all()
    return Address(*rows[0]) if len(rows) == 1 else None


def confirm(tx: Tx, person_id: str, email: str, *, now: datetime) -> None:
    """The address is theirs: they typed what was sent there."""
    query = update(Person).where(Person.id == person_id)
    tx.connection.execute(query.values(email=email, email_verified=True, updated_at=now))


def forget(tx: Tx, person_id: str, *, now: datetime) -> bool:
    """Takes the address away; False when there was none."""
    query = update(Person).where(Person.id == person_id, Person.email != "")
    return tx.connection.execute(query.values(email="", email_verified=False, updated_at=now)).rowcount == 1
