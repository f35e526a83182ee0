"""Classes of a school and who is in them, for the console. A scope of classes sees no other class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.people import Enrolment, Membership, Person, SchoolClass
from idp.store.session import Tx

_CLASS = (
    SchoolClass.id,
    SchoolClass.school_id,
    SchoolClass.title,
    SchoolClass.kind,
    SchoolClass.grade,
    SchoolClass.language,
    SchoolClass.shift,
    SchoolClass.status,
)
_NAMES = (Person.family_name, Person.given_name, Person.middle_name)


def _own(scope: Scope) -> ColumnElement[bool]:
    within = SchoolClass.school_id.in_(scope.schools)
    return within if scope.classes is None else and_(within, SchoolClass.id.in_(scope.classes))


def listed(tx: Tx, scope: Scope, *, today: date) -> list[Mapping[str, Any]]:
    """Every class of the scope, ended ones too, with `pupils`: how many learn in it today."""
    count = (
        select(Enrolment.class_id, func.count().label("pupils"))
        .where(Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil", holds(Enrolment, today))
        .group_by(Enrolment.class_id)
        .subquery()
    )
    query = select(*_CLASS, func.coalesce(count.c.pupils, 0).label("pupils"))
    query = query.outerjoin(count, count.c.class_id == SchoolClass.id).where(_own(scope))
    return [row._asdict() for row in tx.connection.execute(query)]


def one(tx: Tx, scope: Scope, class_id: str) -> Mapping[str, Any] | None:
    row = tx.connection.execute(select(*_CLASS).where(SchoolClass.id == class_id, _own(scope))).first()
    return None if row is None else row._asdict()


def members(
    tx: Tx, scope: Scope, *, today: date, class_id: str = "", roles: Sequence[str] = ()
) -> list[Mapping[str, Any]]:
    """Open enrolments of one class, or of all of the scope, with the names of the people, in Kazakh order."""
    query = (
        select(Enrolment.id, Enrolment.class_id, Enrolment.school_id, Enrolment.person_id, Enrolment.role,
               Enrolment.is_primary, Enrolment.begin, *_NAMES)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.school_id.in_(scope.schools), holds(Enrolment, today))
        .order_by(Person.sort_key, Person.id)
    )  # fmt: skip
    if scope.classes is not None:
        query = query.where(Enrolment.class_id.in_(scope.classes))
    if class_id:
        query = query.where(Enrolment.class_id == class_id)
    if roles:
        query = query.where(Enrolment.role.in_(roles))
    if scope.is_released:
        query = query.where(Person.restricted_at.is_(None))
    return [row._asdict() for row in tx.connection.execute(query)]


def homeless(tx: Tx, scope: Scope, *, today: date, limit: int) -> list[Mapping[str, Any]]:
    """Pupils of the scope's schools who are in no homeroom there today."""
    placed = (
        select(Enrolment.id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(
            Enrolment.person_id == Membership.person_id, Enrolment.school_id.in_(scope.schools),
            Enrolment.role == "pupil", SchoolClass.kind == "homeroom", holds(Enrolment, today),
        )
    )  # fmt: skip
    query = (
        select(Membership.id, Membership.person_id, Membership.grade, *_NAMES)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.school_id.in_(scope.schools), Membership.role == "pupil", holds(Membership, today))
        .where(~placed.exists())
        .order_by(Person.sort_key, Person.id)
        .limit(limit)
    )
    return [row._asdict() for row in tx.connection.execute(query)]


def staff(tx: Tx, scope: Scope, *, today: date) -> list[Mapping[str, Any]]:
    """Who works at the scope's schools today, each once."""
    query = (
        select(Person.id, *_NAMES, Person.sort_key)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.school_id.in_(scope.schools), Membership.role.not_in(("pupil", "guardian")))
        .where(holds(Membership, today))
        .distinct()
        .order_by(Person.sort_key, Person.id)
    )
    return [row._asdict() for row in tx.connection.execute(query)]


def pupil_memberships(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> dict[str, tuple[str, str]]:
    """(membership, grade) of those who are pupils of the scope's schools today."""
    query = select(Membership.person_id, Membership.id, Membership.grade).where(
        Membership.person_id.in_(people), Membership.school_id.in_(scope.schools), Membership.role == "pupil",
        holds(Membership, today),
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in tx.connection.execute(query)}


def homeroom_places(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> list[tuple[str, str, str]]:
    """(enrolment, class, person) of open places as a pupil in homerooms of the scope's schools."""
    query = (
        select(Enrolment.id, Enrolment.class_id, Enrolment.person_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(
            Enrolment.person_id.in_(people), Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil",
            SchoolClass.kind == "homeroom", or_(Enrolment.end.is_(None), Enrolment.end > today),
        )
    )  # fmt: skip
    return [(row[0], row[1], row[2]) for row in tx.connection.execute(query)]


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    if not scope.allows(str(row["school_id"])) or scope.classes is not None:
        raise ValueError("a class outside the scope")
    tx.connection.execute(insert(SchoolClass), dict(row))


def change(tx: Tx, scope: Scope, class_id: str, values: Mapping[str, Any]) -> bool:
    statement = update(SchoolClass).where(SchoolClass.id == class_id, _own(scope)).values(**values)
    return bool(tx.connection.execute(statement).rowcount)


def enrol(tx: Tx, scope: Scope, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the columns of `enrolments`."""
    if any(not scope.allows(str(row["school_id"])) for row in rows):
        raise ValueError("a place outside the scope")
    if rows:
        tx.connection.execute(insert(Enrolment), [dict(row) for row in rows])


def end_places(tx: Tx, scope: Scope, enrolments: Sequence[str], *, today: date) -> list[str]:
    """Ends open places; returns the ids of those that were open."""
    is_open = or_(Enrolment.end.is_(None), Enrolment.end > today)
    own = [Enrolment.id.in_(enrolments), Enrolment.school_id.in_(scope.schools), is_open]
    if scope.classes is not None:
        own.append(Enrolment.class_id.in_(scope.classes))
    found = list(tx.connection.execute(select(Enrolment.id).where(*own)).scalars())
    if found:
        statement = update(Enrolment).where(Enrolment.id.in_(found), Enrolment.school_id.in_(scope.schools))
        tx.connection.execute(statement.values(end=today))
    return found


def change_place(tx: Tx, scope: Scope, enrolment_id: str, values: Mapping[str, Any]) -> None:
    statement = update(Enrolment).where(Enrolment.id == enrolment_id, Enrolment.school_id.in_(scope.schools))
    tx.connection.execute(statement.values(**values))


def set_grade(tx: Tx, scope: Scope, memberships: Sequence[str], grade: str) -> None:
    statement = update(Membership).where(Membership.id.in_(memberships), Membership.school_id.in_(scope.schools))
    tx.connection.execute(statement.values(grade=grade))
