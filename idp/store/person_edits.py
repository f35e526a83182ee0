"""Single rows about one person that the console writes: columns, memberships, enrolments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, insert, or_, select, update

from idp.core.scope import Scope
from idp.store import words
from idp.store.directory import holds
from idp.store.models.org import Organisation
from idp.store.models.people import Credential, Enrolment, Membership, Person, Photo, SchoolClass
from idp.store.models.sessions import LoginSession
from idp.store.session import Tx


def change(tx: Tx, person_id: str, columns: Mapping[str, Any]) -> None:
    """Sets columns of `people`. An address or a number that changed has not been proved by anybody."""
    values = dict(columns)
    for name in ("email", "phone"):
        if name in values:
            verified = getattr(Person, f"{name}_verified")
            values[f"{name}_verified"] = case((getattr(Person, name) == values[name], verified), else_=False)
    tx.connection.execute(update(Person).where(Person.id == person_id).values(values))
    words.renew(tx, [person_id])


def hold(tx: Tx, person_id: str) -> None:
    """Two transactions about the same person go on one after the other."""
    tx.connection.execute(select(Person.id).where(Person.id == person_id).with_for_update())


@dataclass(frozen=True, slots=True)
class HeldRow:
    id: str
    role: str
    school_id: str
    school: str
    school_ru: str
    grade: str
    begin: date | None
    end: date | None
    holds: bool


def memberships(tx: Tx, scope: Scope, person_id: str, *, today: date) -> list[HeldRow]:
    """Every membership at the scope's schools, those that hold first."""
    does_hold = case((holds(Membership, today), True), else_=False)
    query = (
        select(
            Membership.id, Membership.role, Membership.school_id, Organisation.name, Organisation.name_ru,
            Membership.grade, Membership.begin, Membership.end, does_hold,
        )
        .join(Organisation, Organisation.id == Membership.school_id)
        .where(Membership.person_id == person_id, Membership.school_id.in_(scope.schools))
        .order_by(does_hold.desc(), Membership.is_primary.desc(), Membership.begin, Membership.id)
    )  # fmt: skip
    return [
        HeldRow(row[0], row[1], str(row[2]), row[3], row[4] or row[3], row[5], row[6], row[7], bool(row[8]))
        for row in tx.connection.execute(query)
    ]


def end_membership(tx: Tx, scope: Scope, person_id: str, membership_id: str, *, today: date) -> str:
    """Ends one that holds; returns its role, or nothing when there was none."""
    query = update(Membership).where(
        Membership.id == membership_id, Membership.person_id == person_id, Membership.school_id.in_(scope.schools),
        or_(Membership.end.is_(None), Membership.end > today),
    )  # fmt: skip
    row = tx.connection.execute(query.values(end=today).returning(Membership.__table__.c.role)).first()
    return "" if row is None else str(row[0])


def end_enrolments(
    tx: Tx, scope: Scope, person_id: str, roles: tuple[str, ...], *, today: date
) -> list[tuple[str, str]]:
    """Ends what holds in these roles at the scope's schools; returns (school, id)."""
    query = update(Enrolment).where(
        Enrolment.person_id == person_id, Enrolment.school_id.in_(scope.schools), Enrolment.role.in_(roles),
        or_(Enrolment.end.is_(None), Enrolment.end > today),
    )  # fmt: skip
    columns = Enrolment.__table__.c
    rows = tx.connection.execute(query.values(end=today).returning(columns.school_id, columns.id)).all()
    return [(row[0], row[1]) for row in rows]


def homeroom(tx: Tx, scope: Scope, class_id: str) -> tuple[str, str, str] | None:
    """(school, grade, title) of an open homeroom class of the scope."""
    query = select(SchoolClass.school_id, SchoolClass.grade, SchoolClass.title).where(
        SchoolClass.id == class_id, SchoolClass.school_id.in_(scope.schools), SchoolClass.kind == "homeroom",
        SchoolClass.status == "active",
    )  # fmt: skip
    row = tx.connection.execute(query).first()
    return None if row is None else (row[0], row[1], row[2])


def add_enrolment(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A row with the columns of `enrolments`, for one of the scope's schools."""
    if not scope.allows(str(row["school_id"])):
        raise ValueError("outside the scope")
    tx.connection.execute(insert(Enrolment), dict(row))


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What is known of how somebody signs in."""

    methods: tuple[str, ...]
    open_sessions: int
    photo_sha256: str


def account(tx: Tx, person_id: str, now: Any) -> AccountRow:
    methods = select(Credential.method).where(Credential.person_id == person_id).distinct().order_by(Credential.method)
    sessions = select(func.count()).where(
        and_(LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now)
    )
    photo = select(Photo.sha256).where(Photo.person_id == person_id)
    return AccountRow(
        tuple(tx.connection.execute(methods).scalars()),
        int(tx.connection.execute(sessions).scalar_one()),
        str(tx.connection.execute(photo).scalar() or ""),
    )


def has_birthday_twin(tx: Tx, scope: Scope, search_key: str, born: date | None) -> list[str]:
    """Ids of people of the scope's schools with the same folded name and birth date."""
    if born is None:
        return []
    member = select(Membership.id).where(Membership.person_id == Person.id, Membership.school_id.in_(scope.schools))
    query = select(Person.id).where(
        Person.search_key == search_key, Person.birth_date == born, Person.status != "merged", member.exists()
    )
    return list(tx.connection.execute(query).scalars())
