"""Codes for the guardians of a child, found by their keyed hash and spent by one conditional statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select, update

from idp.core.scope import Scope
from idp.store import directory
from idp.store.bulk import add_rows
from idp.store.models.invitations import Invitation
from idp.store.models.people import Enrolment, Person, SchoolClass
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Pupil:
    id: str
    given_name: str
    family_name: str


def pupils(tx: Tx, scope: Scope, class_id: str, *, today: date) -> list[Pupil]:
    """Who learns in a class of the scope today, under age or not of known age, in Kazakh alphabetical order."""
    query = (
        select(Person.id, Person.given_name, Person.family_name)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(Enrolment.class_id == class_id, Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil")
        .where(directory.holds(Enrolment, today), Person.status == "active")
        .order_by(Person.sort_key, Person.id)
        .distinct()
    )
    if scope.classes is not None:
        query = query.where(Enrolment.class_id.in_(scope.classes))
    query = query.add_columns(Person.sort_key)
    return [Pupil(*row[:3]) for row in tx.connection.execute(query)]


@dataclass(frozen=True, slots=True)
class ClassCodes:
    """A homeroom class and how many of its codes are good now."""

    id: str
    title: str
    pupils: int
    codes: int


def classes(tx: Tx, scope: Scope, *, today: date, now: datetime) -> list[ClassCodes]:
    """Homeroom classes of the scope with the codes of who learns there."""
    learns = and_(
        Enrolment.class_id == SchoolClass.id, Enrolment.school_id == SchoolClass.school_id, Enrolment.role == "pupil",
        directory.holds(Enrolment, today),
    )  # fmt: skip
    good = and_(
        Invitation.child_id == Enrolment.person_id, Invitation.school_id == Enrolment.school_id, _is_good(now)
    )  # fmt: skip
    query = (
        select(
            SchoolClass.id,
            SchoolClass.title,
            func.count(Enrolment.person_id.distinct()),
            func.count(Invitation.id.distinct()),
        )
        .outerjoin(Enrolment, learns)
        .outerjoin(Invitation, good)
        .where(SchoolClass.school_id.in_(scope.schools), SchoolClass.kind == "homeroom", SchoolClass.status == "active")
        .group_by(SchoolClass.id, SchoolClass.title, SchoolClass.grade)
        .order_by(func.length(SchoolClass.grade), SchoolClass.grade, SchoolClass.title)
    )
    if scope.classes is not None:
        query = query.where(SchoolClass.id.in_(scope.classes))
    return [ClassCodes(*row) for row in tx.connection.execute(query)]


def _is_good(now: datetime) -> Any:
    return and_(Invitation.revoked_at.is_(None), Invitation.uses_left > 0, Invitation.expires_at > now)


def add(tx: Tx, scope: Scope, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the columns of `invitations`, for the scope's schools."""
    if not all(scope.allows(str(row["school_id"])) for row in rows):
        raise ValueError("outside the scope")
    add_rows(tx, Invitation, rows)


def revoke(tx: Tx, scope: Scope, children: Sequence[str], *, now: datetime) -> int:
    """Makes every code of these children at the scope's schools void; returns how many were good."""
    query = update(Invitation).where(
        Invitation.child_id.in_(children), Invitation.school_id.in_(scope.schools), _is_good(now)
    )
    return tx.connection.execute(query.values(revoked_at=now)).rowcount


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a code is about; `is_good` while it may still be used."""

    id: str
    school_id: str
    child_id: str
    birth_date: date | None
    is_good: bool


def by_code(tx: Tx, code_hash: str, *, now: datetime) -> Invited | None:
    query = (
        select(
            Invitation.id, Invitation.school_id, Invitation.child_id, Person.birth_date, Person.status, _is_good(now)
        )
        .join(Person, Person.id == Invitation.child_id)
        .where(Invitation.code_hash == code_hash)
    )
    row = tx.connection.execute(query).first()
    if row is None:
        return None
    return Invited(row[0], row[1], row[2], row[3], row[4] == "active" and bool(row[5]))


def spend(tx: Tx, child_id: str, invitation_id: str, *, now: datetime) -> bool:
    """Takes one use. False when none is left or the code is over: of two who come for the last one, one gets it."""
    query = update(Invitation).where(
        Invitation.id == invitation_id, Invitation.child_id == child_id, _is_good(now)
    )  # fmt: skip
    return tx.connection.execute(query.values(uses_left=Invitation.uses_left - 1)).rowcount == 1
