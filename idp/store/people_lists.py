"""Lists of people within a scope: filtered, searched by words, in Kazakh order, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from idp.core.scope import Scope
from idp.store import words
from idp.store.directory import holds
from idp.store.models.org import Organisation
from idp.store.models.people import Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.session import Tx

Sources = list[tuple[Any, Select[Any]]]
"""Selects of people's ids, each with the column that holds them."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """`typed` are words of names; `role`, `class_id` narrow; `has_left` shows who was here and is no more."""

    typed: str = ""
    role: str = ""
    class_id: str = ""
    has_left: bool = False


@dataclass(frozen=True, slots=True)
class ListedRow:
    id: str
    family_name: str
    given_name: str
    middle_name: str
    username: str
    birth_date: date | None
    status: str
    is_restricted: bool


def page(
    tx: Tx, scope: Scope, sieve: Sieve, *, today: date, limit: int, offset: int, backwards: bool = False
) -> tuple[list[ListedRow], int]:
    """Rows of one page and how many there are in all, in one statement."""
    order = (Person.sort_key.desc(), Person.id.desc()) if backwards else (Person.sort_key, Person.id)
    query = (
        select(
            Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.username, Person.birth_date,
            Person.status, Person.restricted_at.is_not(None), func.count().over(),
        )
        .where(Person.status.not_in(("merged", "erased")), *_conditions(scope, sieve, today))
        .order_by(*order)
    )  # fmt: skip
    rows = tx.connection.execute(query.limit(limit).offset(offset)).all()
    if not rows and offset:
        first = tx.connection.execute(query.limit(1)).first()
        return [], first[-1] if first else 0
    return [ListedRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _conditions(scope: Scope, sieve: Sieve, today: date) -> Iterator[ColumnElement[bool]]:
    """With words typed the few who match are looked at one by one; else whole sets of ids meet."""
    is_typed = False
    for condition in words.found(sieve.typed):
        is_typed = True
        yield condition
    if scope.is_released:
        yield Person.restricted_at.is_(None)
    day = None if sieve.has_left else today
    yield _any_of(_reached(scope, day, is_typed), one_by_one=is_typed)
    if sieve.has_left:
        yield ~_any_of(_reached(scope, today, is_typed), one_by_one=is_typed)
    if sieve.role:
        yield _any_of(_with_role(scope, sieve.role, day, is_typed), one_by_one=is_typed)
    if sieve.class_id:
        in_class = Scope(scope.person, scope.role, scope.schools, classes=(sieve.class_id,))
        sources = (
            [_guardians(in_class, day, is_typed)] if sieve.role == "guardian" else [_learners(in_class, day, role="")]
        )
        yield _any_of(sources, one_by_one=is_typed)


def _any_of(sources: Sources, *, one_by_one: bool) -> ColumnElement[bool]:
    if one_by_one:
        return or_(*(query.where(column == Person.id).exists() for column, query in sources))
    return Person.id.in_(union(*(query for _, query in sources)))


def _reached(scope: Scope, day: date | None, is_typed: bool) -> Sources:
    own = _members(scope, day, is_typed) if scope.classes is None else _learners(scope, day)
    return [own, _guardians(scope, day, is_typed)]


def _with_role(scope: Scope, role: str, day: date | None, is_typed: bool) -> Sources:
    column, query = _members(scope, day, is_typed)
    named = (column, query.where(Membership.role == role))
    return [named, _guardians(scope, day, is_typed)] if role == "guardian" else [named]


def _members(scope: Scope, day: date | None, is_typed: bool) -> tuple[Any, Select[Any]]:
    # Of one person at a time: SQLite would go through the whole school for each, if it could use its index.
    school = Membership.school_id.concat("") if is_typed else Membership.school_id
    query = select(Membership.person_id).where(school.in_(scope.schools))
    return Membership.person_id, query if day is None else query.where(holds(Membership, day))


def _learners(scope: Scope, day: date | None, role: str = "pupil") -> tuple[Any, Select[Any]]:
    query = select(Enrolment.person_id).where(
        Enrolment.school_id.in_(scope.schools), Enrolment.class_id.in_(scope.classes or ())
    )
    if role:
        query = query.where(Enrolment.role == role)
    return Enrolment.person_id, query if day is None else query.where(holds(Enrolment, day))


def _guardians(scope: Scope, day: date | None, is_typed: bool) -> tuple[Any, Select[Any]]:
    if scope.classes is None:
        child, children = _members(scope, day, is_typed)
    else:
        child, children = _learners(scope, day)
    of_child = children.where(child == Guardianship.child_id).exists()
    query = select(Guardianship.guardian_id).where(of_child if is_typed else Guardianship.child_id.in_(children))
    if day is not None:
        query = query.where(or_(Guardianship.end.is_(None), Guardianship.end > day))
    return Guardianship.guardian_id, query


def roles_of(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> dict[str, list[tuple[str, str]]]:
    """(role, school_id) that these people hold today at the scope's schools."""
    query = (
        select(Membership.person_id, Membership.role, Membership.school_id)
        .where(Membership.person_id.in_(people), Membership.school_id.in_(scope.schools), holds(Membership, today))
        .order_by(Membership.is_primary.desc(), Membership.role)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for person_id, role, school_id in tx.connection.execute(query):
        found.setdefault(person_id, []).append((role, str(school_id)))
    return found


def titles_of(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> dict[str, list[str]]:
    """Titles of the homeroom classes in which these people learn today, or which they lead."""
    query = (
        select(Enrolment.person_id, SchoolClass.title)
        .join(SchoolClass, and_(SchoolClass.id == Enrolment.class_id, SchoolClass.school_id == Enrolment.school_id))
        .where(Enrolment.person_id.in_(people), Enrolment.school_id.in_(scope.schools), holds(Enrolment, today))
        .where(Enrolment.role.in_(("pupil", "class_teacher")), SchoolClass.kind == "homeroom")
        .order_by(SchoolClass.title)
    )
    found: dict[str, list[str]] = {}
    for person_id, title in tx.connection.execute(query):
        found.setdefault(person_id, []).append(title)
    return found


def homerooms(tx: Tx, scope: Scope) -> list[tuple[str, str]]:
    """(id, title) of the open homeroom classes a scope reaches, by grade."""
    query = select(SchoolClass.id, SchoolClass.title, SchoolClass.grade).where(
        SchoolClass.school_id.in_(scope.schools), SchoolClass.kind == "homeroom", SchoolClass.status == "active"
    )
    if scope.classes is not None:
        query = query.where(SchoolClass.id.in_(scope.classes))
    rows = sorted(tx.connection.execute(query), key=lambda row: (row[2].zfill(2), row[1]))
    return [(row[0], row[1]) for row in rows]


def school_names(tx: Tx, scope: Scope, schools: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Names in Kazakh and Russian by id, of those the scope reaches."""
    query = select(Organisation.id, Organisation.name, Organisation.name_ru)
    rows = tx.connection.execute(query.where(Organisation.id.in_([one for one in schools if scope.allows(one)])))
    return {row[0]: (row[1], row[2] or row[1]) for row in rows}
