"""Which schools ask somebody for a second factor, bound to the person; and how many could not come in by anything else
than an ЭЦҚ."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from idp.store.models.org import Organisation
from idp.store.models.people import Credential, Membership, Person
from idp.store.session import Tx

_today = bindparam("today", type_=Membership.__table__.c.begin.type)
_RULES = (
    select(Membership.role, func.coalesce(Organisation.second_factor, ""))
    .outerjoin(Organisation, Organisation.id == Membership.school_id)
    .where(
        Membership.person_id == bindparam("person_id"),
        or_(Membership.begin.is_(None), Membership.begin <= _today),
        or_(Membership.end.is_(None), Membership.end > _today),
    )
)


def rules_of(tx: Tx, person_id: str, *, today: date) -> list[tuple[str, str]]:
    """Role and rule of each membership a person holds today; an empty rule leaves it to the installation."""
    return [(row[0], row[1]) for row in tx.connection.execute(_RULES, {"person_id": person_id, "today": today})]


def only_by_eds(tx: Tx, rule: str, staff: Collection[str], *, today: date) -> int:
    """How many people who have used an ЭЦҚ have no other way in: no passkey, and no password or no second step beside
    it where one is asked for. `rule` is the installation's.

    A code by mail is not counted as a way: nobody is to depend on it alone.
    """
    asked = func.coalesce(func.nullif(Organisation.second_factor, ""), rule)
    demands = or_(
        and_(Membership.role.in_(staff), asked.in_(("staff", "everybody"))),
        and_(Membership.role == "guardian", asked == "everybody"),
    )
    school = (
        select(Membership.id)
        .outerjoin(Organisation, Organisation.id == Membership.school_id)
        .where(Membership.person_id == Person.id, demands)
        .where(or_(Membership.begin.is_(None), Membership.begin <= today))
        .where(or_(Membership.end.is_(None), Membership.end > today))
        .exists()
    )
    asks = or_(_has("second_step"), school)
    locked = or_(~_has("password"), and_(asks, ~_has("totp")))
    query = select(func.count()).select_from(Person).where(Person.status == "active", _has("eds"), ~_has("passkey"))
    return int(tx.connection.execute(query.where(locked)).scalar_one())


def _has(method: str) -> ColumnElement[bool]:
    return select(Credential.id).where(Credential.person_id == Person.id, Credential.method == method).exists()
