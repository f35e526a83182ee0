"""Who is within a scope, and what one line says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from idp.core.scope import Scope
from idp.store.models.people import Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.session import Tx

_LONGEST_CHAIN = 10
_GROUP = 500


def holds(table: type[Membership] | type[Enrolment], today: date) -> ColumnElement[bool]:
    """Begun and not ended on a day."""
    return and_(or_(table.begin.is_(None), table.begin <= today), or_(table.end.is_(None), table.end > today))


def is_of(scope: Scope, person_id: Any, *, today: date | None = None, for_writing: bool = False) -> ColumnElement[bool]:
    """Whether a person (an id or a column) belongs to the scope's schools: by a membership, or as guardian of a child
    who does. A scope of classes: who learns in one, and their guardians. With `today` only what holds on that day.

    A link counts even while it waits, is blocked or over: the school must see whom it is about. `for_writing` counts
    only links that somebody verified and nobody blocked: a claim, or the role a file gave, makes no school the
    master of an account. A scope that is released to another system reaches nobody whose data are blocked.
    """
    own = _member(scope, today, for_writing) if scope.classes is None else _learner(scope, today)
    link = aliased(Guardianship)
    through_child = select(link.id).where(link.guardian_id == person_id, own(link.child_id))
    if today is not None:
        through_child = through_child.where(or_(link.end.is_(None), link.end > today))
    if for_writing:
        through_child = through_child.where(link.verified_at.is_not(None), link.blocked_at.is_(None))
    reach = or_(own(person_id), through_child.exists())
    return and_(reach, may_be_told(person_id)) if scope.is_released else reach


def may_be_told(person_id: Any) -> ColumnElement[bool]:
    """Whether another system may hear of a person (an id or a column): nobody has blocked their data."""
    who = aliased(Person)
    return ~select(who.id).where(who.id == person_id, who.restricted_at.is_not(None)).exists()


def _member(scope: Scope, today: date | None, for_writing: bool) -> Any:
    # Of one person at a time: SQLite would go through the whole school for each, if it could use its index.
    school = Membership.school_id.concat("")

    def own(person_id: Any) -> ColumnElement[bool]:
        query = select(Membership.id).where(Membership.person_id == person_id, school.in_(scope.schools))
        if for_writing:
            query = query.where(Membership.role != "guardian")
        if today is not None:
            query = query.where(holds(Membership, today))
        return query.exists()

    return own


def _learner(scope: Scope, today: date | None) -> Any:
    def own(person_id: Any) -> ColumnElement[bool]:
        query = select(Enrolment.id).where(
            Enrolment.person_id == person_id, Enrolment.school_id.in_(scope.schools),
            Enrolment.class_id.in_(scope.classes or ()), Enrolment.role == "pupil",
        )  # fmt: skip
        if today is not None:
            query = query.where(holds(Enrolment, today))
        return query.exists()

    return own


def within(
    tx: Tx, scope: Scope, person_id: str, *, today: date | None = None, for_writing: bool = False
) -> bool:  # fmt: skip
    """Whether a scope reaches a person, today or ever; with `today` only by what holds on that day (`is_of`)."""
    reach = is_of(scope, person_id, today=today, for_writing=for_writing)
    query = select(Person.id).where(Person.id == person_id, reach)
    return tx.connection.execute(query).first() is not None


def one(tx: Tx, scope: Scope, person_id: str) -> Mapping[str, Any] | None:
    """The row of `people` of somebody the scope reaches, today or ever."""
    query = select(Person.__table__).where(Person.id == person_id, is_of(scope, person_id))
    row = tx.connection.execute(query).first()
    return None if row is None else row._asdict()


def roles(tx: Tx, scope: Scope, person_id: str, *, today: date) -> list[str]:
    """Roles held today at the scope's schools, the first one first."""
    query = (
        select(Membership.role)
        .where(Membership.person_id == person_id, Membership.school_id.in_(scope.schools), holds(Membership, today))
        .order_by(Membership.is_primary.desc(), Membership.role)
    )
    return list(dict.fromkeys(tx.connection.execute(query).scalars()))


def class_titles(tx: Tx, scope: Scope, person_id: str, *, today: date) -> list[str]:
    """Titles of homeroom classes of the scope's schools in which somebody learns today, or which they lead."""
    query = (
        select(SchoolClass.title)
        .join(Enrolment, and_(Enrolment.class_id == SchoolClass.id, Enrolment.school_id == SchoolClass.school_id))
        .where(Enrolment.person_id == person_id, Enrolment.school_id.in_(scope.schools))
        .where(Enrolment.role.in_(("pupil", "class_teacher")), SchoolClass.kind == "homeroom")
        .where(SchoolClass.status == "active", holds(Enrolment, today))
        .order_by(SchoolClass.grade, SchoolClass.title)
    )
    return list(dict.fromkeys(tx.connection.execute(query).scalars()))


def is_guardian(tx: Tx, scope: Scope, person_id: str) -> bool:
    """Whether somebody is linked to a child of the scope's schools."""
    child = select(Membership.id).where(
        Membership.person_id == Guardianship.child_id, Membership.school_id.in_(scope.schools)
    )
    query = select(Guardianship.id).where(Guardianship.guardian_id == person_id, child.exists())
    return tx.connection.execute(query).first() is not None


def merged_into(tx: Tx, person_id: str) -> str:
    """The id of the record that a merged one became in the end; empty for any other."""
    found = ""
    for _ in range(_LONGEST_CHAIN):
        query = select(Person.merged_into_id).where(Person.id == (found or person_id), Person.status == "merged")
        following = tx.connection.execute(query).scalar()
        if following is None:
            break
        found = following
    return found


def was_only_pupil(tx: Tx, person_id: str) -> date | None:
    """The date of birth of somebody who has never been anything but a pupil; None for all others."""
    other = select(Membership.id).where(Membership.person_id == person_id, Membership.role != "pupil")
    query = select(Person.birth_date).where(Person.id == person_id, ~other.exists())
    return tx.connection.execute(query).scalar()


def roles_anywhere(tx: Tx, person_id: str, *, today: date) -> set[str]:
    """Roles that a person holds today at whatever school."""
    query = select(Membership.role).where(Membership.person_id == person_id, holds(Membership, today))
    return set(tx.connection.execute(query).scalars())


def held_anywhere(tx: Tx, person_id: str, *, today: date) -> list[tuple[str, str]]:
    """(role, school) of everything a person holds today; the school is empty for a guardian of none."""
    query = select(Membership.role, Membership.school_id).where(
        Membership.person_id == person_id, holds(Membership, today)
    )
    return [(row[0], str(row[1] or "")) for row in tx.connection.execute(query)]


def held_by(tx: Tx, person_ids: Sequence[str], *, today: date) -> dict[str, list[tuple[str, str]]]:
    """As `held_anywhere`, of many people."""
    found: dict[str, list[tuple[str, str]]] = {}
    columns = (Membership.person_id, Membership.role, Membership.school_id)
    for start in range(0, len(person_ids), _GROUP):
        query = select(*columns).where(
            Membership.person_id.in_(person_ids[start : start + _GROUP]), holds(Membership, today)
        )
        for person, role, school in tx.connection.execute(query):
            found.setdefault(person, []).append((role, str(school or "")))
    return found


def has_children_elsewhere(tx: Tx, school_id: str, person_id: str, *, today: date) -> bool:
    """Whether somebody is guardian of a child who learns today, and not at this school."""
    elsewhere, here = aliased(Membership), aliased(Membership)
    learns = [(one.person_id == Guardianship.child_id) & (one.role == "pupil") for one in (elsewhere, here)]
    query = select(Guardianship.id).where(
        Guardianship.guardian_id == person_id,
        Guardianship.verified_at.is_not(None),
        Guardianship.blocked_at.is_(None),
        or_(Guardianship.end.is_(None), Guardianship.end > today),
        select(elsewhere.id).where(learns[0], or_(elsewhere.end.is_(None), elsewhere.end > today)).exists(),
        ~select(here.id)
        .where(learns[1], here.school_id == school_id, or_(here.end.is_(None), here.end > today))
        .exists(),
    )
    return tx.connection.execute(query.limit(1)).first() is not None


def schools_anywhere(tx: Tx, person_id: str) -> list[str]:
    """Schools that hear of a change of this person: where they are or were anything; one empty id for none."""
    query = select(Membership.school_id).where(Membership.person_id == person_id).distinct()
    return sorted({school or "" for school in tx.connection.execute(query).scalars()}) or [""]
