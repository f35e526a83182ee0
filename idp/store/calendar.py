"""Days that differ, of the country and of schools. A row without a school is the whole country's: only the operator
writes it, everybody reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, extract, insert, or_, select, update

from idp.core.scope import Scope
from idp.store.models.calendar import CalendarDay
from idp.store.session import Tx
from idp.store.upsert import insert_if_new

_DAY = select(
    CalendarDay.id,
    CalendarDay.school_id,
    CalendarDay.kind,
    CalendarDay.title,
    CalendarDay.title_ru,
    CalendarDay.begin,
    CalendarDay.end,
    CalendarDay.grades,
)


def days(
    tx: Tx, scope: Scope, *, begin: date | None = None, end: date | None = None, kinds: tuple[str, ...] = ()
) -> list[Mapping[str, Any]]:
    """Rows of the country and of the scope's schools that touch the days from `begin` to `end`, in their order."""
    query = _DAY.where(or_(CalendarDay.school_id.is_(None), CalendarDay.school_id.in_(scope.schools)))
    if begin is not None:
        query = query.where(CalendarDay.end >= begin)
    if end is not None:
        query = query.where(CalendarDay.begin <= end)
    if kinds:
        query = query.where(CalendarDay.kind.in_(kinds))
    rows = tx.connection.execute(query.order_by(CalendarDay.begin, CalendarDay.end, CalendarDay.id))
    return [row._asdict() for row in rows]


def day(tx: Tx, scope: Scope, day_id: str) -> Mapping[str, Any] | None:
    """One row that the scope may change."""
    row = tx.connection.execute(_DAY.where(CalendarDay.id == day_id, _own(scope))).first()
    return None if row is None else row._asdict()


def add_day(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> None:
    """`row` has every column; a school outside the scope, or the country by anybody but the operator, is a mistake."""
    _check(scope, row["school_id"])
    tx.connection.execute(insert(CalendarDay), dict(row))


def add_day_if_new(tx: Tx, scope: Scope, row: Mapping[str, Any]) -> bool:
    """False when a row of that id is there."""
    _check(scope, row["school_id"])
    return insert_if_new(tx, CalendarDay.__table__, dict(row))  # type: ignore[arg-type]


def change_day(tx: Tx, scope: Scope, day_id: str, values: Mapping[str, Any]) -> bool:
    statement = update(CalendarDay).where(CalendarDay.id == day_id, _own(scope)).values(**values)
    return bool(tx.connection.execute(statement).rowcount)


def remove_day(tx: Tx, scope: Scope, day_id: str) -> bool:
    return bool(tx.connection.execute(delete(CalendarDay).where(CalendarDay.id == day_id, _own(scope))).rowcount)


def national_years(tx: Tx, scope: Scope) -> set[int]:
    """Years for which the country has days already."""
    assert scope.role == "operator"
    query = select(extract("year", CalendarDay.begin)).where(CalendarDay.school_id.is_(None)).distinct()
    return {int(year) for year in tx.connection.execute(query).scalars()}


def _own(scope: Scope) -> ColumnElement[bool]:
    own = CalendarDay.school_id.in_(scope.schools)
    return or_(own, CalendarDay.school_id.is_(None)) if scope.role == "operator" else own


def _check(scope: Scope, school_id: str | None) -> None:
    if not (scope.role == "operator" if school_id is None else scope.allows(school_id)):
        raise ValueError("a day outside the scope")
