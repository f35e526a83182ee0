"""Requests of the subject (Law № 94-V art. 24, 25): who may make one about whom, the inbox, and how one is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from idp.core.names import full_name
from idp.core.scope import Scope
from idp.store import guardianships
from idp.store.models.org import Organisation
from idp.store.models.people import Guardianship, Membership, Person
from idp.store.models.subject_requests import SubjectRequest
from idp.store.session import Tx

_made_by = aliased(Person)
_ROW = (
    *SubjectRequest.__table__.c,
    Person.family_name,
    Person.given_name,
    Person.middle_name,
    Person.username,
    Person.status.label("person_status"),
    Person.restricted_at,
    _made_by.family_name.label("by_family"),
    _made_by.given_name.label("by_given"),
    _made_by.middle_name.label("by_middle"),
    Organisation.name.label("school"),
    Organisation.name_ru.label("school_ru"),
)


@dataclass(frozen=True, slots=True)
class About:
    """Somebody a request may be about, at one school that holds their data."""

    person_id: str
    name: str
    school_id: str
    school: str
    school_ru: str
    is_self: bool


def subjects(tx: Tx, person_id: str, *, today: date) -> list[About]:
    """Oneself first, then the children one may act for now, each at every school of theirs.

    A school holds data of who was ever a member, so ended memberships count: rights do not end with the school.
    """
    children = select(Guardianship.child_id).where(Guardianship.guardian_id == person_id, guardianships.acts(today))
    own = select(Membership.person_id, Membership.school_id).where(
        or_(Membership.person_id == person_id, Membership.person_id.in_(children)), Membership.school_id.is_not(None)
    )
    linked = select(Guardianship.guardian_id, Guardianship.school_id).where(Guardianship.guardian_id == person_id)
    pairs = own.union(linked).subquery()
    query = (
        select(
            Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.username, Organisation.id,
            Organisation.name, Organisation.name_ru,
        )
        .select_from(pairs)
        .join(Person, Person.id == pairs.c.person_id)
        .join(Organisation, Organisation.id == pairs.c.school_id)
        .where(Person.status != "erased")
        .order_by(Person.id != person_id, Person.sort_key, Organisation.name)
    )  # fmt: skip
    return [
        About(row[0], full_name(*row[1:4]) or row[4], row[5], row[6], row[7] or row[6], row[0] == person_id)
        for row in tx.connection.execute(query)
    ]


def add(tx: Tx, person_id: str, row: Mapping[str, Any]) -> None:
    """A row with the columns of `subject_requests`, about `person_id`."""
    tx.connection.execute(insert(SubjectRequest), {**row, "person_id": person_id})


def is_open(tx: Tx, person_id: str, kind: str, school_id: str) -> bool:
    """Whether such a request about somebody waits at a school."""
    query = select(SubjectRequest.id).where(
        SubjectRequest.person_id == person_id, SubjectRequest.kind == kind, SubjectRequest.school_id == school_id,
        SubjectRequest.state == "open",
    )  # fmt: skip
    return tx.connection.execute(query).first() is not None


def of_person(tx: Tx, person_id: str, *, today: date, limit: int = 50) -> list[Mapping[str, Any]]:
    """What was asked about somebody, and what they asked about children they may act for now, newest first."""
    query = _rows().where(_readable(person_id, today))
    rows = tx.connection.execute(query.order_by(SubjectRequest.made_at.desc(), SubjectRequest.id.desc()).limit(limit))
    return [row._asdict() for row in rows]


def one_of_person(tx: Tx, person_id: str, request_id: str, *, today: date) -> Mapping[str, Any] | None:
    """One of `of_person`."""
    query = _rows().where(SubjectRequest.id == request_id, _readable(person_id, today))
    row = tx.connection.execute(query).first()
    return None if row is None else row._asdict()


def take_back(tx: Tx, person_id: str, request_id: str, school_id: str, *, now: datetime) -> bool:
    """By who made it to this school, while it is open."""
    query = update(SubjectRequest).where(
        SubjectRequest.id == request_id, SubjectRequest.requester_id == person_id,
        SubjectRequest.school_id == school_id, SubjectRequest.state == "open",
    )  # fmt: skip
    return bool(tx.connection.execute(query.values(state="taken_back", closed_at=now)).rowcount)


def inbox(
    tx: Tx, scope: Scope, *, state: str, kind: str, words: str, offset: int, limit: int
) -> tuple[list[Mapping[str, Any]], int]:
    """Requests to the scope's schools, what is due first; closed ones newest first. `state` and `kind` may be empty."""
    found = _rows().where(SubjectRequest.school_id.in_(scope.schools))
    if state:
        found = found.where(SubjectRequest.state == state)
    if kind:
        found = found.where(SubjectRequest.kind == kind)
    if words:
        found = found.where(and_(*(Person.search_key.contains(word, autoescape=True) for word in words.split())))
    ordered = found.order_by(
        SubjectRequest.state != "open", SubjectRequest.closed_at.desc(), SubjectRequest.due_on, SubjectRequest.id
    )
    rows = tx.connection.execute(ordered.offset(offset).limit(limit))
    total = tx.connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    return [row._asdict() for row in rows], int(total)


def waiting(tx: Tx, scope: Scope, *, today: date) -> tuple[int, int]:
    """How many are open at the scope's schools, and how many of them are overdue."""
    is_late = case((SubjectRequest.due_on < today, 1), else_=0)
    query = select(func.count(), func.sum(is_late)).where(
        SubjectRequest.school_id.in_(scope.schools), SubjectRequest.state == "open"
    )
    count, late = tx.connection.execute(query).one()
    return int(count), int(late or 0)


def one(tx: Tx, scope: Scope, request_id: str) -> Mapping[str, Any] | None:
    """A request to one of the scope's schools."""
    query = _rows().where(SubjectRequest.id == request_id, SubjectRequest.school_id.in_(scope.schools))
    row = tx.connection.execute(query).first()
    return None if row is None else row._asdict()


def close(tx: Tx, scope: Scope, request_id: str, values: Mapping[str, Any]) -> bool:
    """Sets `state answer answered_by closed_at` of an open request; False when somebody was faster."""
    query = update(SubjectRequest).where(
        SubjectRequest.id == request_id, SubjectRequest.school_id.in_(scope.schools), SubjectRequest.state == "open"
    )
    return bool(tx.connection.execute(query.values(**values)).rowcount)


def forget_words(tx: Tx, person_id: str, *, now: datetime) -> None:
    """Empties what was written about somebody whose data is destroyed; kind, days and answer stay as proof.

    What else they asked is done with it.
    """
    about = update(SubjectRequest).where(SubjectRequest.person_id == person_id)
    tx.connection.execute(about.values(text="", details={}))
    tx.connection.execute(about.where(SubjectRequest.state == "open").values(state="done", closed_at=now))


def _readable(person_id: str, today: date) -> ColumnElement[bool]:
    """About the person themselves, or made by them about a child whose link holds now: a blocked one reads nothing."""
    children = select(Guardianship.child_id).where(Guardianship.guardian_id == person_id, guardianships.acts(today))
    is_theirs = and_(SubjectRequest.requester_id == person_id, SubjectRequest.person_id.in_(children))
    return or_(SubjectRequest.person_id == person_id, is_theirs)


def _rows() -> Select[Any]:
    return (
        select(*_ROW)
        .join(Person, Person.id == SubjectRequest.person_id)
        .join(_made_by, _made_by.id == SubjectRequest.requester_id)
        .join(Organisation, Organisation.id == SubjectRequest.school_id)
    )
