"""The services of one school: what is on, what could be, when each was last used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, and_, func, or_, select

from idp.core.scope import Scope
from idp.store import clients
from idp.store.clients import COLUMNS, ClientRow
from idp.store.models.audit import AuditEvent
from idp.store.models.clients import Client, ClientSchool
from idp.store.session import Tx
from idp.store.upsert import insert_or_update

_table = cast(Table, ClientSchool.__table__)


def listed(tx: Tx, scope: Scope, *, today: date) -> list[tuple[ClientRow, Mapping[str, Any] | None]]:
    """Every client in force, with what the scope's one school said about it: `begin`, `end`, `switched_by`,
    `withheld`, `on`."""
    query = (
        select(*COLUMNS, ClientSchool.school_id, ClientSchool.begin, ClientSchool.end, ClientSchool.switched_by,
               ClientSchool.withheld, clients.is_on(today).label("on"))
        .outerjoin(
            ClientSchool,
            and_(ClientSchool.client_id == Client.client_id, ClientSchool.school_id.in_(scope.schools)),
        )
        .where(
            Client.is_disabled.is_(False),
            or_(Client.end_date.is_(None), Client.end_date >= today),
            or_(ClientSchool.school_id.is_(None), ClientSchool.school_id.in_(scope.schools)),
        )
        .order_by(Client.client_id)
    )  # fmt: skip
    found: list[tuple[ClientRow, Mapping[str, Any] | None]] = []
    for row in tx.connection.execute(query):
        said = None if row.school_id is None else {name: getattr(row, name) for name in _SAID}
        found.append((ClientRow._make(tuple(row)[: len(COLUMNS)]), said))
    return found


_SAID = ("begin", "end", "switched_by", "withheld", "on")


_USES = ("code_issued", "assertion_issued")
"""How a sign-in at a service is written down, by protocol."""


def last_used(tx: Tx, scope: Scope, *, since: datetime) -> dict[str, datetime]:
    """When each client last began a sign-in of somebody of the scope's schools, since a moment."""
    query = (
        select(AuditEvent.client_id, func.max(AuditEvent.at))
        .where(AuditEvent.school_id.in_(scope.schools), AuditEvent.at >= since, AuditEvent.event.in_(_USES))
        .group_by(AuditEvent.client_id)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def switch(tx: Tx, scope: Scope, client_id: str, *, is_on: bool, today: date, by: str) -> None:
    """Begins or ends today. What was ended stays, so that a client that is on everywhere is off here."""
    for school_id in scope.schools:
        row = {
            "client_id": client_id, "school_id": school_id, "begin": today if is_on else None,
            "end": None if is_on else today, "switched_by": by,
        }  # fmt: skip
        insert_or_update(tx, _table, row, key=("client_id", "school_id"), keep=())


def limits(tx: Tx, scope: Scope, client_id: str) -> dict[str, list[str]]:
    """What each of the scope's schools withholds from a client."""
    mine = and_(ClientSchool.client_id == client_id, ClientSchool.school_id.in_(scope.schools))
    query = select(ClientSchool.school_id, ClientSchool.withheld).where(mine)
    return {row.school_id: list(row.withheld) for row in tx.connection.execute(query) if row.withheld}


def withhold(tx: Tx, scope: Scope, client_id: str, withheld: Sequence[str], *, begin: date | None) -> None:
    """Keeps what the scope's schools do not let go; a service that is on everywhere gets a row that says so."""
    for school_id in scope.schools:
        row = {
            "client_id": client_id, "school_id": school_id, "begin": begin, "end": None, "switched_by": "",
            "withheld": list(withheld),
        }  # fmt: skip
        insert_or_update(tx, _table, row, key=("client_id", "school_id"), keep=("begin", "end", "switched_by"))
