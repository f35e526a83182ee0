"""Whose consent it is: the person, their standing at the school, and who may sign for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from idp.core.names import full_name
from idp.core.scope import Scope
from idp.store import guardianships
from idp.store.models.people import Guardianship, Membership, Person
from idp.store.session import Tx


class SubjectRow(NamedTuple):
    id: str
    family_name: str
    given_name: str
    middle_name: str
    birth_date: date | None
    status: str

    @property
    def name(self) -> str:
        return full_name(self.family_name, self.given_name, self.middle_name)


_COLUMNS = (Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.birth_date, Person.status)


def subject(tx: Tx, person_id: str, *, lock: bool = False) -> SubjectRow | None:
    """`lock` makes answers about one person take turns, so that a second press finds the first."""
    query = select(*_COLUMNS).where(Person.id == person_id)
    if lock:
        query = query.with_for_update(key_share=True)
    row = tx.connection.execute(query).first()
    return None if row is None else SubjectRow._make(row)


def memberships(tx: Tx, person_id: str, *, today: date) -> list[tuple[str, str, date | None]]:
    """(school, role, end) of what somebody is at schools today."""
    query = select(Membership.school_id, Membership.role, Membership.end).where(
        Membership.person_id == person_id,
        Membership.school_id.is_not(None),
        or_(Membership.begin.is_(None), Membership.begin <= today),
        or_(Membership.end.is_(None), Membership.end > today),
    )
    return [(str(row[0]), row[1], row[2]) for row in tx.connection.execute(query)]


def relation(tx: Tx, guardian_id: str, child_id: str, *, today: date) -> str:
    """How somebody may act for a child now; empty when they may not."""
    query = select(Guardianship.relation).where(
        Guardianship.guardian_id == guardian_id, Guardianship.child_id == child_id, guardianships.holds(today)
    )
    return tx.connection.execute(query).scalar() or ""


def acts_for(tx: Tx, guardian_id: str, child_id: str, *, today: date) -> bool:
    """Whether somebody acts for a child now, which nobody does for who is of age."""
    query = select(Guardianship.id).where(
        Guardianship.guardian_id == guardian_id, Guardianship.child_id == child_id, guardianships.acts(today)
    )
    return tx.connection.execute(query).first() is not None


def guardians(tx: Tx, child_id: str, *, today: date) -> list[Mapping[str, Any]]:
    """`person_id name relation is_blocked` of everybody linked to a child whose link has not ended."""
    query = (
        select(*_COLUMNS, Guardianship.relation, Guardianship.blocked_at, guardianships.holds(today))
        .join(Person, Person.id == Guardianship.guardian_id)
        .where(Guardianship.child_id == child_id, guardianships.is_open(today))
        .order_by(Person.sort_key, Person.id)
    )
    return [
        {
            "person_id": row[0],
            "name": full_name(row[1], row[2], row[3]),
            "relation": row[6],
            "is_blocked": row[7] is not None,
            "holds": bool(row[8]),
        }
        for row in tx.connection.execute(query)
    ]


def blocked(tx: Tx, child_id: str, *, today: date) -> list[tuple[str, bool]]:
    """(name, whether the link is still open) of everybody whom a school has ever blocked for a child."""
    query = (
        select(*_COLUMNS, guardianships.is_open(today))
        .join(Person, Person.id == Guardianship.guardian_id)
        .where(Guardianship.child_id == child_id, Guardianship.blocked_at.is_not(None))
    )
    return [(full_name(*row[1:4]), bool(row[6])) for row in tx.connection.execute(query)]


def is_pupil_membership(tx: Tx, scope: Scope, person_id: str, membership_id: str) -> bool:
    """Whether a membership of this person is that of a pupil at a school of the scope."""
    query = select(Membership.id).where(
        and_(Membership.id == membership_id, Membership.person_id == person_id),
        Membership.school_id.in_(scope.schools),
        Membership.role == "pupil",
    )
    return tx.connection.execute(query).first() is not None


def iin_sealed(tx: Tx, person_id: str) -> bytes | None:
    """For the state service alone, which knows people by their ИИН."""
    return tx.connection.execute(select(Person.iin_sealed).where(Person.id == person_id)).scalar()
