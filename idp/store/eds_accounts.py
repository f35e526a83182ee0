"""Who a citizen is here: people by the keyed hash of their ИИН, schools by their БИН, what a newcomer begins with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from idp.core import iin
from idp.core.scope import Scope
from idp.store import words
from idp.store.models.org import Organisation
from idp.store.models.people import Membership, Person
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Found:
    """Whose ИИН it is, and whether they may sign in."""

    id: str
    is_active: bool


def hold_by_iin(tx: Tx, lookups: Sequence[bytes]) -> Found | None:
    """The person with one of these hashes of an ИИН. Two transactions that hold them go on one after the other."""
    query = select(Person.id, Person.status).where(Person.iin_lookup.in_(lookups)).with_for_update()
    row = tx.connection.execute(query).first()
    return None if row is None else Found(row[0], row[1] == "active")


def is_active(tx: Tx, person_id: str) -> bool:
    query = select(Person.id).where(Person.id == person_id, Person.status == "active")
    return tx.connection.execute(query).first() is not None


def add_if_new(tx: Tx, row: Mapping[str, Any]) -> bool:
    """A row of `people`. False, and nothing changes, when somebody with this username or ИИН came a moment before."""
    try:
        with tx.connection.begin_nested():
            tx.connection.execute(insert(Person), dict(row))
            words.add(tx, [row])
    except IntegrityError:
        return False
    return True


def rename(tx: Tx, person_id: str, row: Mapping[str, Any]) -> None:
    """`row` holds name and key columns, and `updated_at`."""
    tx.connection.execute(update(Person).where(Person.id == person_id).values(dict(row)))
    words.renew(tx, [person_id])


@dataclass(frozen=True, slots=True)
class School:
    id: str
    name: str


def schools_by_bin(tx: Tx, number: str) -> list[School]:
    """Active organisations with this БИН, however spaces and hyphens stand in it."""
    written = Organisation.__table__.c.identifier
    bare: ColumnElement[str] = written
    for spacer in iin.SPACERS:
        bare = func.replace(bare, spacer, "")
    query = select(Organisation.id, Organisation.name).where(or_(written == number, bare == number))
    query = query.where(Organisation.status == "active").order_by(Organisation.id)
    return [School(*row) for row in tx.connection.execute(query)]


@dataclass(frozen=True, slots=True)
class StaffTerm:
    """A membership of a member of staff, and whether it holds on the day asked for."""

    id: str
    school_id: str
    holds: bool


def staff_terms(tx: Tx, scope: Scope, person_id: str, *, today: date) -> list[StaffTerm]:
    """Every membership of staff of a person in these schools, primary ones first, ended ones too."""
    query = select(Membership.id, Membership.school_id, Membership.begin, Membership.end)
    query = query.where(Membership.person_id == person_id, Membership.school_id.in_(scope.schools))
    query = query.where(Membership.role.not_in(("pupil", "guardian")))
    rows = tx.connection.execute(query.order_by(Membership.is_primary.desc(), Membership.id))
    return [
        StaffTerm(row[0], str(row[1]), (not row[2] or row[2] <= today) and (not row[3] or row[3] > today))
        for row in rows
    ]


def schools_of(tx: Tx, person_id: str) -> list[str]:
    """Schools where a person holds or held something; an empty id for what is held at none."""
    query = select(Membership.school_id).where(Membership.person_id == person_id).distinct()
    return sorted(school or "" for school in tx.connection.execute(query).scalars())


def add_guardian(tx: Tx, person_id: str, row: Mapping[str, Any]) -> None:
    """A membership at no school: of a guardian whom no school has linked to a child yet."""
    own = {"person_id": person_id, "school_id": None, "role": "guardian", "is_primary": True}
    tx.connection.execute(insert(Membership), {**row, **own})
