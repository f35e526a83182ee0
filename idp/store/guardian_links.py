"""Links between children and guardians as a school, a guardian or a child sees and changes them.

A school reaches the links of who learns there today, whichever school recorded them. Statements that change are
conditional, so that of two people who decide at once one decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from idp.core.names import full_name
from idp.core.scope import Scope
from idp.store import directory
from idp.store.guardianships import holds, is_open
from idp.store.models.people import Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.session import Tx

STATES = ("waiting", "holds", "paused", "blocked", "ended")


@dataclass(frozen=True, slots=True)
class Link:
    """`state` is one of STATES on the day that was asked for; `class_title` is the child's homeroom class."""

    id: str
    school_id: str
    child_id: str
    guardian_id: str
    relation: str
    basis: str
    verified_by: str
    verified_at: datetime | None
    evidence: Mapping[str, Any]
    begin: date | None
    end: date | None
    end_reason: str
    of_age_on: date | None
    kept_at: datetime | None
    blocked_at: datetime | None
    block_basis: str
    blocked_reason: str
    blocked_by: str
    child_family: str
    child_given: str
    child_middle: str
    guardian_family: str
    guardian_given: str
    guardian_middle: str
    class_title: str
    state: str

    @property
    def child(self) -> str:
        return full_name(self.child_family, self.child_given, self.child_middle)

    @property
    def guardian(self) -> str:
        return full_name(self.guardian_family, self.guardian_given, self.guardian_middle)


_child, _guardian = aliased(Person), aliased(Person)
_FIELDS = [Guardianship.__table__.c[name] for name in tuple(Link.__annotations__)[:18]]
_NAMES = [
    getattr(person, name) for person in (_child, _guardian) for name in ("family_name", "given_name", "middle_name")
]


def _state(today: date) -> ColumnElement[str]:
    return case(
        (Guardianship.end <= today, "ended"),
        (Guardianship.blocked_at.is_not(None), "blocked"),
        (Guardianship.verified_at.is_(None), "waiting"),
        (holds(today), "holds"),
        else_="paused",
    )


def _class_title(today: date) -> ColumnElement[str]:
    """Of the first homeroom class that the child learns in."""
    query = (
        select(SchoolClass.title)
        .join(Enrolment, and_(Enrolment.class_id == SchoolClass.id, Enrolment.school_id == SchoolClass.school_id))
        .where(Enrolment.person_id == Guardianship.child_id, Enrolment.role == "pupil")
        .where(SchoolClass.kind == "homeroom", SchoolClass.status == "active", directory.holds(Enrolment, today))
        .order_by(SchoolClass.title)
        .limit(1)
        .correlate(Guardianship)
    )
    return func.coalesce(query.scalar_subquery(), "")


def _query(today: date) -> Select[*tuple[Any, ...]]:
    return (
        select(*_FIELDS, *_NAMES, _class_title(today), _state(today))
        .join(_child, _child.id == Guardianship.child_id)
        .join(_guardian, _guardian.id == Guardianship.guardian_id)
    )


def _learns(scope: Scope, today: date, class_id: str = "") -> ColumnElement[bool]:
    """Whether the child of a link learns at the scope's schools today; with a class, in it."""
    # IN, not EXISTS: the pupils of a school lead to their links by an index; asked of every link it reads them all.
    at_school = select(Membership.person_id).where(
        Membership.school_id.in_(scope.schools), Membership.role == "pupil", directory.holds(Membership, today)
    )
    in_class = select(Enrolment.person_id).where(
        Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil", directory.holds(Enrolment, today)
    )
    conditions: list[ColumnElement[bool]] = [Guardianship.child_id.in_(at_school)]
    if scope.classes is not None:
        conditions.append(Guardianship.child_id.in_(in_class.where(Enrolment.class_id.in_(scope.classes))))
    if class_id:
        conditions.append(Guardianship.child_id.in_(in_class.where(Enrolment.class_id == class_id)))
    if scope.is_released:
        conditions += [directory.may_be_told(one) for one in (Guardianship.child_id, Guardianship.guardian_id)]
    return and_(*conditions)


def page(
    tx: Tx, scope: Scope, *, today: date, words: str, state: str, class_id: str, limit: int, offset: int
) -> tuple[list[Link], int]:
    """A page of links and how many there are; those that wait come first. `words` are folded (`names.search_key`)."""
    query = _query(today).where(_learns(scope, today, class_id))
    query = query.where(_state(today) == state) if state in STATES else query.where(is_open(today))
    for word in words.split():
        named = [person.search_key.contains(word, autoescape=True) for person in (_child, _guardian)]
        query = query.where(or_(*named))
    total = tx.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    is_waiting = case((Guardianship.verified_at.is_(None), 0), else_=1)
    ordered = query.order_by(is_waiting, _child.sort_key, _child.id, _guardian.sort_key, Guardianship.id)
    return [Link(*row) for row in tx.connection.execute(ordered.limit(limit).offset(offset))], total


def waiting(tx: Tx, scope: Scope, *, today: date) -> int:
    """How many links wait for the school."""
    query = select(func.count()).select_from(Guardianship).where(_learns(scope, today))
    return tx.connection.execute(query.where(Guardianship.verified_at.is_(None), is_open(today))).scalar_one()


def one(tx: Tx, scope: Scope, link_id: str, *, today: date) -> Link | None:
    row = tx.connection.execute(_query(today).where(Guardianship.id == link_id, _learns(scope, today))).first()
    return None if row is None else Link(*row)


def of_person(tx: Tx, scope: Scope, person_id: str, *, today: date) -> list[Link]:
    """Links of a child, and of a guardian to children of these schools; ended ones last."""
    either = or_(Guardianship.child_id == person_id, Guardianship.guardian_id == person_id)
    query = _query(today).where(either, _learns(scope, today))
    ended = case((is_open(today), 0), else_=1)
    return [Link(*row) for row in tx.connection.execute(query.order_by(ended, _guardian.sort_key, Guardianship.id))]


def of_guardian(tx: Tx, guardian_id: str, *, today: date) -> list[Link]:
    """A guardian's own links that have not ended."""
    query = _query(today).where(Guardianship.guardian_id == guardian_id, is_open(today))
    return [Link(*row) for row in tx.connection.execute(query.order_by(_child.sort_key, Guardianship.id))]


def of_child(tx: Tx, child_id: str, *, today: date) -> list[Link]:
    """A child's own links that have not ended."""
    query = _query(today).where(Guardianship.child_id == child_id, is_open(today))
    return [Link(*row) for row in tx.connection.execute(query.order_by(_guardian.sort_key, Guardianship.id))]


def between(tx: Tx, child_id: str, guardian_id: str, *, today: date) -> Link | None:
    """The one link of a pair, whatever became of it."""
    query = _query(today).where(Guardianship.child_id == child_id, Guardianship.guardian_id == guardian_id)
    row = tx.connection.execute(query).first()
    return None if row is None else Link(*row)


def add_if_new(tx: Tx, row: Mapping[str, Any]) -> bool:
    """A row of `guardianships`. False, and nothing changes, when the pair was linked a moment before."""
    try:
        with tx.connection.begin_nested():
            tx.connection.execute(insert(Guardianship), dict(row))
    except IntegrityError:
        return False
    return True


def change(tx: Tx, child_id: str, link_id: str, only_if: str, values: Mapping[str, Any], *, today: date) -> bool:
    """Changes a link that is `open`, `waiting`, `unblocked` (and open), `blocked` (and open), `paused` or `over`.

    False when it is not, or is no more.
    """
    paused = and_(Guardianship.of_age_on <= today, Guardianship.kept_at.is_(None), Guardianship.blocked_at.is_(None))
    conditions: dict[str, ColumnElement[bool]] = {
        "open": is_open(today),
        "waiting": and_(is_open(today), Guardianship.verified_at.is_(None), Guardianship.blocked_at.is_(None)),
        "unblocked": and_(is_open(today), Guardianship.blocked_at.is_(None)),
        "blocked": and_(is_open(today), Guardianship.blocked_at.is_not(None)),
        "paused": and_(is_open(today), Guardianship.verified_at.is_not(None), paused),
        "over": and_(Guardianship.end <= today, Guardianship.blocked_at.is_(None)),
    }
    query = update(Guardianship).where(Guardianship.id == link_id, Guardianship.child_id == child_id)
    return tx.connection.execute(query.where(conditions[only_if]).values(dict(values))).rowcount == 1


def schools_of(tx: Tx, child_id: str, *, today: date) -> list[str]:
    """Where a child learns today."""
    query = select(Membership.school_id).where(
        Membership.person_id == child_id, Membership.role == "pupil", Membership.school_id.is_not(None),
        directory.holds(Membership, today),
    )  # fmt: skip
    return sorted({str(school) for school in tx.connection.execute(query).scalars()})


def learns(tx: Tx, scope: Scope, child_id: str, *, today: date) -> bool:
    """Whether somebody is a pupil of the scope's schools today, and of its classes."""
    at_school = select(Membership.id).where(
        Membership.person_id == child_id, Membership.school_id.in_(scope.schools), Membership.role == "pupil",
        directory.holds(Membership, today),
    )  # fmt: skip
    if scope.classes is not None:
        in_class = select(Enrolment.id).where(
            Enrolment.person_id == child_id, Enrolment.school_id.in_(scope.schools), Enrolment.role == "pupil",
            Enrolment.class_id.in_(scope.classes), directory.holds(Enrolment, today),
        )  # fmt: skip
        at_school = at_school.where(in_class.exists())
    return tx.connection.execute(at_school).first() is not None
