"""What a school has already of what a roster brings: classes, roles and places, made by hand or by another source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from idp.core.scope import Scope
from idp.store.models.org import AcademicSession
from idp.store.models.people import Enrolment, Membership, Person, SchoolClass
from idp.store.session import Tx

_GROUP = 500
Row = Mapping[str, Any]


def homerooms(tx: Tx, scope: Scope) -> list[Row]:
    """Open homerooms of the scope's schools, the oldest first."""
    table = SchoolClass
    query = select(table.id, table.school_id, table.title, table.sessions)
    query = query.where(table.school_id.in_(scope.schools), table.kind == "homeroom", table.status == "active")
    return [row._asdict() for row in tx.connection.execute(query.order_by(table.id))]


def closed(tx: Tx, scope: Scope, ids: Sequence[str]) -> set[str]:
    """Those of these classes that ended, be it with their school year."""
    found: set[str] = set()
    for start in range(0, len(ids), _GROUP):
        query = select(SchoolClass.id).where(
            SchoolClass.id.in_(ids[start : start + _GROUP]), SchoolClass.school_id.in_(scope.schools),
            SchoolClass.status != "active",
        )  # fmt: skip
        found.update(tx.connection.execute(query).scalars())
    return found


def years(tx: Tx, scope: Scope) -> dict[str, int]:
    """The school year of every academic session of the scope's schools."""
    query = select(AcademicSession.id, AcademicSession.school_year).where(AcademicSession.school_id.in_(scope.schools))
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def birth_dates(tx: Tx, people: Sequence[str]) -> dict[str, date | None]:
    """As they are stored, before an import or its undoing changes them."""
    found: dict[str, date | None] = {}
    for start in range(0, len(people), _GROUP):
        query = select(Person.id, Person.birth_date).where(Person.id.in_(people[start : start + _GROUP]))
        found |= {row[0]: row[1] for row in tx.connection.execute(query)}
    return found


def roles(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> dict[tuple[str, str, str], str]:
    """Open memberships by (person, school, role)."""
    table = Membership
    columns = (table.person_id, table.school_id, table.role)
    return _open(tx, scope, table, columns, people, today)


def places(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> dict[tuple[str, str, str], str]:
    """Open places in classes by (person, class, role)."""
    table = Enrolment
    columns = (table.person_id, table.class_id, table.role)
    return _open(tx, scope, table, columns, people, today)


def _open(
    tx: Tx, scope: Scope, table: Any, columns: tuple[Any, Any, Any], people: Sequence[str], today: date
) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], str] = {}
    for start in range(0, len(people), _GROUP):
        query = select(*columns, table.id).where(
            table.person_id.in_(people[start : start + _GROUP]), table.school_id.in_(scope.schools),
            or_(table.end.is_(None), table.end > today),
        )  # fmt: skip
        for person, place, role, row_id in tx.connection.execute(query.order_by(table.id)):
            found.setdefault((person, place, role), row_id)
    return found
