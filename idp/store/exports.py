"""How many rows about people somebody took out on one day: counted and held to a limit by one statement."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from sqlalchemy import Table, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from idp.store.models.audit import ExportCount
from idp.store.models.clients import Client, ClientSchool
from idp.store.models.people import Membership
from idp.store.session import Tx

_table = cast(Table, ExportCount.__table__)
_c = _table.c


def add(tx: Tx, taker: str, rows: int, *, day: date, limit: int | None) -> int | None:
    """The day's sum with these rows; None, and nothing counted, when it would pass the limit, if there is one."""
    if limit is not None and rows > limit:
        return None
    insert: Any = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(_table)
        .values(taker=taker, day=day, rows=rows)
        .on_conflict_do_update(
            index_elements=["taker", "day"],
            set_={"rows": _c.rows + rows},
            where=None if limit is None else _c.rows + rows <= limit,
        )
        .returning(_c.rows)
    )
    total = tx.connection.execute(statement).scalar()
    return None if total is None else int(total)


def taken(tx: Tx, taker: str, *, day: date) -> int:
    query = select(_c.rows).where(_c.taker == taker, _c.day == day)
    return int(tx.connection.execute(query).scalar() or 0)


def people_of_client(tx: Tx, client_id: str, *, today: date) -> int:
    """How many memberships the schools have at which a client is switched on today, on which its limit rests."""
    holds = or_(Membership.end.is_(None), Membership.end > today)
    query = select(func.count()).select_from(Membership).where(holds)
    if not tx.connection.execute(select(Client.all_schools).where(Client.client_id == client_id)).scalar():
        at = select(ClientSchool.school_id).where(
            ClientSchool.client_id == client_id, or_(ClientSchool.end.is_(None), ClientSchool.end > today)
        )
        query = query.where(Membership.school_id.in_(at))
    return int(tx.connection.execute(query).scalar() or 0)
