"""Organisations: how one is shown, and the tree below an authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, case, func, insert, select, update

from idp.core.scope import Scope
from idp.store.directory import holds
from idp.store.models.org import Organisation
from idp.store.models.people import Membership
from idp.store.session import Tx

_ROW = select(
    Organisation.id,
    Organisation.parent_id,
    Organisation.type,
    Organisation.name,
    Organisation.name_ru,
    Organisation.identifier,
    Organisation.region,
    Organisation.details,
    Organisation.second_factor,
    Organisation.status,
)
_ONE = _ROW.where(Organisation.id == bindparam("organisation_id"))


def one(tx: Tx, scope: Scope, organisation_id: str) -> Mapping[str, Any] | None:
    """An organisation of the scope, as a row."""
    if not scope.allows(organisation_id):
        return None
    row = tx.connection.execute(_ONE, {"organisation_id": organisation_id}).first()
    return None if row is None else row._asdict()


def every(tx: Tx, scope: Scope) -> list[Mapping[str, Any]]:
    """All organisations of the scope, in no order."""
    rows = tx.connection.execute(_ROW.where(Organisation.id.in_(scope.schools)))
    return [row._asdict() for row in rows]


def numbers(tx: Tx, scope: Scope, organisations: Sequence[str], *, today: date) -> dict[str, tuple[int, int]]:
    """(pupils, staff) by organisation, in one query; organisations with neither are left out."""
    role = Membership.role
    pupils = func.count(case((role == "pupil", Membership.person_id)).distinct())
    staff = func.count(case((role.not_in(("pupil", "guardian")), Membership.person_id)).distinct())
    within = [one for one in organisations if scope.allows(one)]
    query = select(Membership.school_id, pupils, staff).where(
        Membership.school_id.in_(within), holds(Membership, today)
    )
    rows = tx.connection.execute(query.group_by(Membership.school_id))
    return {str(row[0]): (int(row[1]), int(row[2])) for row in rows}


def holders_of(tx: Tx, identifier: str) -> list[str]:
    """Ids of organisations with this public number, wherever they are: a БИН names one in the whole country."""
    return list(tx.connection.execute(select(Organisation.id).where(Organisation.identifier == identifier)).scalars())


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """A new organisation below one of the scope."""
    if not scope.allows(str(row["parent_id"])):
        raise ValueError("a parent outside the scope")
    tx.connection.execute(insert(Organisation), dict(row))


def change(tx: Tx, scope: Scope, organisation_id: str, values: Mapping[str, Any]) -> bool:
    if not scope.allows(organisation_id):
        return False
    statement = update(Organisation).where(Organisation.id == organisation_id).values(**values)
    return bool(tx.connection.execute(statement).rowcount)
