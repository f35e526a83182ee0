"""School years, terms and lesson bells of schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from idp.core.scope import Scope
from idp.store.models.calendar import Bell
from idp.store.models.org import AcademicSession
from idp.store.session import Tx


def sessions(tx: Tx, scope: Scope) -> list[Mapping[str, Any]]:
    """Years and terms that go on being used, by their beginning, a year before its terms."""
    table = AcademicSession
    query = (
        select(table.id, table.school_id, table.parent_id, table.type, table.title, table.begin, table.end,
               table.school_year)
        .where(table.school_id.in_(scope.schools), table.status == "active")
        .order_by(table.begin, table.end.desc(), table.id)
    )  # fmt: skip
    return [row._asdict() for row in tx.connection.execute(query)]


def add_session(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    if not scope.allows(str(row["school_id"])):
        raise ValueError("a year outside the scope")
    tx.connection.execute(insert(AcademicSession), {"status": "active", **row})


def end_sessions(tx: Tx, scope: Scope, ids: Sequence[str]) -> int:
    """Takes years or terms out of use; classes that name them keep their ids."""
    statement = update(AcademicSession).where(
        AcademicSession.id.in_(ids), AcademicSession.school_id.in_(scope.schools), AcademicSession.status == "active"
    )
    return int(tx.connection.execute(statement.values(status="ended")).rowcount)


def bells(tx: Tx, scope: Scope) -> list[Mapping[str, Any]]:
    """Lessons of every shift, in their order."""
    query = select(Bell.id, Bell.school_id, Bell.shift, Bell.lesson, Bell.begin, Bell.end)
    rows = tx.connection.execute(query.where(Bell.school_id.in_(scope.schools)).order_by(Bell.shift, Bell.lesson))
    return [row._asdict() for row in rows]


def replace_bells(tx: Tx, scope: Scope, school_id: str, shift: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The bells of one shift; returns the ids of those that went."""
    if not scope.allows(school_id):
        raise ValueError("bells outside the scope")
    own = (Bell.school_id == school_id, Bell.shift == shift)
    gone = list(tx.connection.execute(select(Bell.id).where(*own)).scalars())
    tx.connection.execute(delete(Bell).where(*own))
    if rows:
        tx.connection.execute(insert(Bell), [dict(row) for row in rows])
    return gone
