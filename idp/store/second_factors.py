"""Which schools ask somebody for a second factor. Bound to the person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, func, or_, select

from idp.store.models.org import Organisation
from idp.store.models.people import Membership
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
