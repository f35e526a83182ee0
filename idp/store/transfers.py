"""Where a pupil learns now, and the end of it: what a change of schools reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.org import Organisation
from idp.store.models.people import Guardianship, Membership, Person
from idp.store.session import Tx


@dataclass(frozen=True, slots=True)
class Learner:
    """A pupil's membership that holds, with the names a reviewer sees."""

    person_id: str
    family_name: str
    given_name: str
    middle_name: str
    birth_date: date | None
    status: str
    is_restricted: bool
    membership_id: str
    school_id: str
    school: str
    school_ru: str
    grade: str


def learners(tx: Tx, person_id: str, *, today: date) -> list[Learner]:
    """Every school at which somebody is a pupil today, the main one first; circles and sport schools come last."""
    query = (
        select(
            Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.birth_date, Person.status,
            Person.restricted_at.is_not(None), Membership.id, Membership.school_id, Organisation.name,
            Organisation.name_ru, Membership.grade,
        )
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.school_id)
        .where(Membership.person_id == person_id, Membership.role == "pupil", holds(Membership, today))
        .order_by((Organisation.type == "extra"), Membership.is_primary.desc(), Membership.begin, Membership.id)
    )  # fmt: skip
    return [
        Learner(*row[:6], bool(row[6]), row[7], str(row[8]), row[9], row[10] or row[9], row[11])
        for row in tx.connection.execute(query)
    ]


def end_pupil(tx: Tx, scope: Scope, person_id: str, *, today: date) -> list[tuple[str, str]]:
    """Ends the pupil's memberships at the scope's schools; returns (school, id)."""
    query = update(Membership).where(
        Membership.person_id == person_id, Membership.school_id.in_(scope.schools), Membership.role == "pupil",
        holds(Membership, today),
    )  # fmt: skip
    columns = Membership.__table__.c
    rows = tx.connection.execute(query.values(end=today, is_primary=False).returning(columns.school_id, columns.id))
    return [(str(row[0]), row[1]) for row in rows.all()]


def links_of(tx: Tx, child_id: str) -> Sequence[str]:
    """Ids of the guardianships of a child: they stay, and the new school's readers must hear of them."""
    return list(tx.connection.execute(select(Guardianship.id).where(Guardianship.child_id == child_id)).scalars())
