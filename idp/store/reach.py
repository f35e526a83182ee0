"""Where a role stands in the tree of organisations, and what lies below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, or_, select

from idp.store.models.org import Organisation
from idp.store.models.people import Enrolment, Membership, SchoolClass
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Held:
    id: str
    role: str
    school_id: str


def _holds(table: type[Membership] | type[Enrolment], today: date) -> object:
    return and_(or_(table.begin.is_(None), table.begin <= today), or_(table.end.is_(None), table.end > today))


def membership(tx: Tx, person_id: str, membership_id: str, *, today: date) -> Held | None:
    """A membership of this person at an organisation that holds today."""
    query = select(Membership.id, Membership.role, Membership.school_id).where(
        Membership.id == membership_id,
        Membership.person_id == person_id,
        Membership.school_id.is_not(None),
        _holds(Membership, today),  # type: ignore[arg-type]
    )
    row = tx.connection.execute(query).first()
    return None if row is None else Held(row[0], row[1], str(row[2]))


_tree = (
    select(Organisation.id, Organisation.parent_id)
    .where(Organisation.id == bindparam("organisation_id"))
    .cte("tree", recursive=True)
)
_up = _tree.union(select(Organisation.id, Organisation.parent_id).join(_tree, Organisation.id == _tree.c.parent_id))
_ABOVE = select(_up.c.id)
_each = (
    select(Organisation.id.label("first"), Organisation.id, Organisation.parent_id)
    .where(Organisation.id.in_(bindparam("organisations", expanding=True)))
    .cte("each", recursive=True)
)
_rising = _each.union(
    select(_each.c.first, Organisation.id, Organisation.parent_id).join(_each, Organisation.id == _each.c.parent_id)
)
_OVER = select(_rising.c.id, _rising.c.first).where(_rising.c.id != _rising.c.first).order_by(_rising.c.first)
_GROUP = 400
_root = select(Organisation.id).where(Organisation.id == bindparam("organisation_id")).cte("below", recursive=True)
_down = _root.union(select(Organisation.id).join(_root, Organisation.parent_id == _root.c.id))
_BELOW = select(_down.c.id).order_by(_down.c.id)


def is_below(tx: Tx, organisation_id: str, ancestor_id: str) -> bool:
    """Whether an organisation exists and is the other one or lies below it."""
    rows = tx.connection.execute(_ABOVE, {"organisation_id": organisation_id}).scalars()
    return ancestor_id in set(rows)


def above(tx: Tx, organisation_id: str) -> list[str]:
    """An organisation and everything above it, in no order."""
    return list(tx.connection.execute(_ABOVE, {"organisation_id": organisation_id}).scalars())


def over(tx: Tx, organisations: Sequence[str]) -> dict[str, list[str]]:
    """Everything above these organisations, each with which of them lie below it, by id."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(organisations), _GROUP):
        rows = tx.connection.execute(_OVER, {"organisations": organisations[start : start + _GROUP]})
        for row in rows:
            found.setdefault(row[0], []).append(row[1])
    return found


def below(tx: Tx, organisation_id: str) -> list[str]:
    """An organisation and everything below it."""
    return list(tx.connection.execute(_BELOW, {"organisation_id": organisation_id}).scalars())


def own_classes(tx: Tx, person_id: str, school_id: str, *, today: date) -> list[str]:
    """Homeroom classes of which somebody is the class teacher."""
    query = (
        select(Enrolment.class_id)
        .join(SchoolClass, and_(SchoolClass.id == Enrolment.class_id, SchoolClass.school_id == Enrolment.school_id))
        .where(
            Enrolment.person_id == person_id,
            Enrolment.school_id == school_id,
            or_(Enrolment.role == "class_teacher", and_(Enrolment.role == "teacher", Enrolment.is_primary)),
            SchoolClass.kind == "homeroom",
            SchoolClass.status == "active",
            _holds(Enrolment, today),  # type: ignore[arg-type]
        )
    )
    return list(tx.connection.execute(query).scalars())
