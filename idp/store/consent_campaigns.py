"""Campaigns: a school asks many at once. Progress is counted from the answers, not stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, insert, select, update

from idp.core.scope import Scope
from idp.store.models.consents import Campaign
from idp.store.session import Tx

_table = cast(Table, Campaign.__table__)
_c = _table.c


class CampaignRow(NamedTuple):
    """A row of `consent_campaigns`; no `class_ids` is the whole school."""

    id: str
    school_id: str
    title: str
    text_ids: Sequence[str]
    class_ids: Sequence[str]
    begin: date
    end: date
    made_by: str
    made_at: datetime
    closed_at: datetime | None

    def state_at(self, today: date) -> str:
        """`closed`, `coming`, `over` or `open`; `end` is its last day."""
        if self.closed_at is not None:
            return "closed"
        return "coming" if today < self.begin else "over" if today > self.end else "open"


_SELECT = select(*(_c[name] for name in CampaignRow._fields))


def add(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    assert scope.allows(row["school_id"])
    tx.connection.execute(insert(_table), dict(row))


def of_schools(tx: Tx, scope: Scope) -> list[CampaignRow]:
    """Those that concern the scope's classes, newest first."""
    rows = tx.connection.execute(_SELECT.where(_c.school_id.in_(scope.schools)).order_by(_c.begin.desc(), _c.id.desc()))
    return [row for row in map(CampaignRow._make, rows) if _concerns(scope, row)]


def one(tx: Tx, scope: Scope, campaign_id: str) -> CampaignRow | None:
    row = tx.connection.execute(_SELECT.where(_c.id == campaign_id, _c.school_id.in_(scope.schools))).first()
    found = None if row is None else CampaignRow._make(row)
    return found if found and _concerns(scope, found) else None


def _concerns(scope: Scope, row: CampaignRow) -> bool:
    return scope.classes is None or not row.class_ids or not set(scope.classes).isdisjoint(row.class_ids)


def close(tx: Tx, scope: Scope, campaign_id: str, *, now: datetime) -> bool:
    """False when it was closed before, or is not there."""
    query = update(_table).where(_c.id == campaign_id, _c.school_id.in_(scope.schools), _c.closed_at.is_(None))
    return tx.connection.execute(query.values(closed_at=now)).rowcount == 1
