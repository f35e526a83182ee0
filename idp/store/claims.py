"""Facts for claims. What belongs to a school is read through a Scope of the membership that the grant remembers;
what is a person's own (their memberships, their links to children or guardians) is bound to that person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select

from idp.core.scope import Scope
from idp.store import clients, guardianships
from idp.store.models.clients import Client, ClientSchool
from idp.store.models.org import Organisation
from idp.store.models.people import Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.session import Tx

_today = bindparam("today", type_=Membership.__table__.c.begin.type)
_p = Person.__table__.c
_PERSON = select(
    _p.username,
    _p.family_name,
    _p.given_name,
    _p.middle_name,
    _p.birth_date,
    _p.sex,
    _p.language,
    _p.email,
    _p.email_verified,
    _p.phone,
    _p.phone_verified,
    _p.iin_sealed,
    _p.claims,
    _p.updated_at,
    _p.restricted_at,
).where(_p.id == bindparam("person_id"))


def _holds(table: Any) -> Any:
    return and_(or_(table.begin.is_(None), table.begin <= _today), or_(table.end.is_(None), table.end > _today))


_MEMBERSHIPS = (
    select(
        Membership.id,
        Membership.role,
        Membership.grade,
        Membership.begin,
        Membership.end,
        Membership.school_id,
        Organisation.name.label("school_name"),
        Organisation.region,
    )
    .outerjoin(Organisation, Organisation.id == Membership.school_id)
    .where(Membership.person_id == bindparam("person_id"), _holds(Membership))
    .order_by(Membership.is_primary.desc(), Membership.id)
)
_CLASSES = (
    select(
        SchoolClass.id, SchoolClass.title, SchoolClass.grade, SchoolClass.subject, Enrolment.role, Enrolment.person_id
    )
    .join(Enrolment, and_(Enrolment.class_id == SchoolClass.id, Enrolment.school_id == SchoolClass.school_id))
    .where(
        Enrolment.school_id.in_(bindparam("schools", expanding=True)),
        Enrolment.person_id.in_(bindparam("people", expanding=True)),
        Enrolment.role.in_(bindparam("roles", expanding=True)),
        SchoolClass.status == "active",
        _holds(Enrolment),
    )
    .order_by(SchoolClass.title, SchoolClass.id)
)
_LINKED = guardianships.holds(_today)
_CHILDREN = (
    select(
        Person.id.label("person_id"),
        Person.family_name,
        Person.given_name,
        Person.middle_name,
        Guardianship.relation,
        Membership.school_id,
        Organisation.name.label("school_name"),
        Organisation.region,
    )
    .join(Person, Person.id == Guardianship.child_id)
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.role == "pupil", _holds(Membership)))
    .outerjoin(Organisation, Organisation.id == Membership.school_id)
    .where(
        Guardianship.guardian_id == bindparam("person_id"),
        _LINKED,
        Person.status == "active",
        Person.restricted_at.is_(None),
    )
    .order_by(Person.sort_key, Person.id, Membership.is_primary.desc(), Membership.id)
)
_GUARDIANS = (
    select(
        Person.id.label("person_id"),
        Person.family_name,
        Person.given_name,
        Person.middle_name,
        Guardianship.relation,
    )
    .join(Person, Person.id == Guardianship.guardian_id)
    .where(
        Guardianship.child_id == bindparam("person_id"),
        _LINKED,
        Person.status == "active",
        Person.restricted_at.is_(None),
    )
    .order_by(Person.sort_key, Person.id)
)
_SWITCHED_ON = (
    exists()
    .where(
        ClientSchool.client_id == Client.client_id,
        ClientSchool.school_id.in_(bindparam("schools", expanding=True)),
        clients.is_on(_today),
    )
    .correlate(Client)
)
_LICENCES = (
    select(Client.client_id, Client.__table__.c["metadata"])
    .where(
        _SWITCHED_ON,
        Client.is_disabled.is_(False),
        or_(Client.end_date.is_(None), Client.end_date >= _today),
    )
    .order_by(Client.client_id)
)

PUPIL_ROLES = ("pupil",)
STAFF_ROLES = ("teacher", "class_teacher")


def person(tx: Tx, person_id: str) -> Mapping[str, Any] | None:
    row = tx.connection.execute(_PERSON, {"person_id": person_id}).first()
    return None if row is None else row._asdict()


def memberships(tx: Tx, person_id: str, *, today: date) -> list[Mapping[str, Any]]:
    """A person's own memberships that hold on a day, with their schools; a newcomer's has none yet."""
    rows = tx.connection.execute(_MEMBERSHIPS, {"person_id": person_id, "today": today})
    return [row._asdict() for row in rows]


def classes(
    tx: Tx, scope: Scope, people: Sequence[str], roles: Sequence[str], *, today: date
) -> list[Mapping[str, Any]]:
    """Classes of these people in the scope's schools, in these enrolment roles, with `person_id` of each."""
    bound = {"schools": list(scope.schools), "people": list(people), "roles": list(roles), "today": today}
    return [row._asdict() for row in tx.connection.execute(_CLASSES, bound)]


def children(tx: Tx, guardian_id: str, *, today: date) -> list[Mapping[str, Any]]:
    """One row per child a person may see today, with the child's first school; blocked and ended links are absent."""
    rows = tx.connection.execute(_CHILDREN, {"person_id": guardian_id, "today": today})
    first: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        first.setdefault(row.person_id, row._asdict())
    return list(first.values())


def guardians(tx: Tx, child_id: str, *, today: date) -> list[Mapping[str, Any]]:
    rows = tx.connection.execute(_GUARDIANS, {"person_id": child_id, "today": today})
    return [row._asdict() for row in rows]


def licences(tx: Tx, scope: Scope, *, today: date) -> list[Mapping[str, Any]]:
    """Clients in force that are switched on at one of the scope's schools: `client_id`, `metadata`.

    The operator's own modules, on everywhere, are no school's resources and not listed.
    """
    rows = tx.connection.execute(_LICENCES, {"schools": list(scope.schools), "today": today})
    return [row._asdict() for row in rows]
