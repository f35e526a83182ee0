"""The end of a school year in bulk statements, one school at a time, and how it is taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from idp.core.scope import Scope
from idp.store.bulk import add_rows
from idp.store.directory import holds
from idp.store.models.audit import Change
from idp.store.models.cards import Card
from idp.store.models.people import Enrolment, Membership, SchoolClass
from idp.store.models.years import YearChange, YearPromotion
from idp.store.session import Tx

_GROUP = 500
_TABLES: dict[str, Any] = {"classes": SchoolClass, "enrolments": Enrolment, "memberships": Membership, "cards": Card}
_HELD = ("active", "blocked")
Row = Mapping[str, Any]


def _groups(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _GROUP] for start in range(0, len(ids), _GROUP))


def of_year(tx: Tx, scope: Scope, school_id: str, year: int) -> Row | None:
    """The plan of one school and year, or what was done by it."""
    table = YearPromotion
    query = select(table.id, table.year, table.plan, table.report, table.changed_by, table.applied_at)
    query = query.where(table.school_id == school_id, table.school_id.in_(scope.schools), table.year == year)
    row = tx.connection.execute(query).first()
    return None if row is None else row._asdict()


def last(tx: Tx, scope: Scope, school_id: str) -> tuple[int, datetime] | None:
    """(year, when) of the newest move of a school that was done."""
    table = YearPromotion
    query = select(table.year, table.applied_at).where(
        table.school_id == school_id, table.school_id.in_(scope.schools), table.applied_at.is_not(None)
    )  # fmt: skip
    row = tx.connection.execute(query.order_by(table.year.desc()).limit(1)).first()
    return None if row is None or row[1] is None else (row[0], row[1])


def save_plan(tx: Tx, scope: Scope, row: Row) -> bool:
    """Writes the decisions of a plan; False when it was applied already, or somebody saved one this moment."""
    if not scope.allows(str(row["school_id"])):
        raise ValueError("a plan outside the scope")
    own = (YearPromotion.school_id == row["school_id"], YearPromotion.year == row["year"])
    if tx.connection.execute(select(YearPromotion.id).where(*own)).first() is None:
        tx.connection.execute(insert(YearPromotion), {"report": {}, "applied_at": None, **row})
        return True
    statement = update(YearPromotion).where(*own, YearPromotion.applied_at.is_(None))
    return bool(tx.connection.execute(statement.values(plan=row["plan"], changed_by=row["changed_by"])).rowcount)


def claim(tx: Tx, scope: Scope, promotion_id: str, *, by: str, report: Row, now: datetime) -> bool:
    """Marks a plan as applied; False when somebody was first."""
    statement = update(YearPromotion).where(
        YearPromotion.id == promotion_id, YearPromotion.school_id.in_(scope.schools), YearPromotion.applied_at.is_(None)
    )
    return bool(tx.connection.execute(statement.values(applied_at=now, changed_by=by, report=dict(report))).rowcount)


def reopen(tx: Tx, scope: Scope, promotion_id: str, *, by: str) -> bool:
    """Makes what was applied a plan again; False when it is one."""
    statement = update(YearPromotion).where(
        YearPromotion.id == promotion_id, YearPromotion.school_id.in_(scope.schools),
        YearPromotion.applied_at.is_not(None),
    )  # fmt: skip
    return bool(tx.connection.execute(statement.values(applied_at=None, changed_by=by, report={})).rowcount)


def homerooms(tx: Tx, scope: Scope) -> list[Row]:
    """Open homerooms of the scope's schools."""
    table = SchoolClass
    query = select(table.id, table.school_id, table.title, table.grade, table.language, table.shift)
    query = query.where(table.school_id.in_(scope.schools), table.kind == "homeroom", table.status == "active")
    return [row._asdict() for row in tx.connection.execute(query)]


def places(tx: Tx, scope: Scope, *, today: date) -> list[Row]:
    """Everybody's open place in those homerooms, with a pupil's membership (None for others)."""
    pupil = and_(
        Membership.person_id == Enrolment.person_id, Membership.school_id == Enrolment.school_id,
        Membership.role == "pupil", Enrolment.role == "pupil", holds(Membership, today),
    )  # fmt: skip
    query = (
        select(Enrolment.id, Enrolment.class_id, Enrolment.person_id, Enrolment.role, Enrolment.is_primary,
               func.max(Membership.id).label("membership_id"))
        .join(SchoolClass, and_(SchoolClass.id == Enrolment.class_id, SchoolClass.kind == "homeroom"))
        .outerjoin(Membership, pupil)
        .where(Enrolment.school_id.in_(scope.schools), SchoolClass.status == "active")
        .where(or_(Enrolment.end.is_(None), Enrolment.end > today))
        .group_by(Enrolment.id, Enrolment.class_id, Enrolment.person_id, Enrolment.role, Enrolment.is_primary)
        .order_by(Enrolment.id)
    )  # fmt: skip
    return [row._asdict() for row in tx.connection.execute(query)]


def held_by_leavers(tx: Tx, scope: Scope, people: Sequence[str], *, today: date) -> tuple[list[str], list[str]]:
    """(enrolments, cards) that people who leave still hold at the scope's schools."""
    enrolments: list[str] = []
    cards: list[str] = []
    for group in _groups(people):
        is_open = or_(Enrolment.end.is_(None), Enrolment.end > today)
        query = select(Enrolment.id).where(Enrolment.person_id.in_(group), Enrolment.school_id.in_(scope.schools))
        enrolments += tx.connection.execute(query.where(is_open)).scalars()
        held = select(Card.id).where(Card.person_id.in_(group), Card.school_id.in_(scope.schools))
        cards += tx.connection.execute(held.where(Card.state.in_(_HELD))).scalars()
    return enrolments, cards


def add(tx: Tx, scope: Scope, promotion_id: str, table: str, rows: Sequence[Row]) -> None:
    """New rows, remembered as such."""
    if any(not scope.allows(str(row["school_id"])) for row in rows):
        raise ValueError("rows outside the scope")
    add_rows(tx, _TABLES[table], rows)
    new = [{"promotion_id": promotion_id, "table": table, "row_id": row["id"], "before": {}} for row in rows]
    add_rows(tx, YearChange, new)


def change(tx: Tx, scope: Scope, promotion_id: str, table: str, ids: Sequence[str], values: Row) -> None:
    """The same new values for many rows, with what they were before."""
    model = _TABLES[table]
    columns = [getattr(model, name) for name in values]
    for group in _groups(ids):
        own = (model.id.in_(group), model.school_id.in_(scope.schools))
        rows = tx.connection.execute(select(model.id, *columns).where(*own)).all()
        before = [
            {"promotion_id": promotion_id, "table": table, "row_id": row[0],
             "before": {name: _plain(value) for name, value in zip(values, row[1:], strict=True)}}
            for row in rows
        ]  # fmt: skip
        add_rows(tx, YearChange, before)
        tx.connection.execute(update(model).where(*own).values(**values))


def changes(tx: Tx, promotion_id: str) -> list[tuple[str, str, Row]]:
    """(table, row, before) of everything one promotion did."""
    query = select(YearChange.table, YearChange.row_id, YearChange.before)
    rows = tx.connection.execute(query.where(YearChange.promotion_id == promotion_id))
    return [(row[0], row[1], row[2]) for row in rows]


def touched_since(tx: Tx, scope: Scope, kinds: Sequence[str], *, after: datetime) -> bool:
    """Whether the feed tells of a change at the scope's schools after a moment; of people, that a record ended."""
    of_kind = or_(Change.kind.in_(kinds), and_(Change.kind == "people", Change.action == "ended"))
    query = select(Change.seq).where(
        Change.school_id.in_(scope.schools), of_kind, Change.at > after
    )  # fmt: skip
    return tx.connection.execute(query.limit(1)).first() is not None


def take_back(tx: Tx, scope: Scope, promotion_id: str, rows: Sequence[tuple[str, str, Row]]) -> None:
    """Removes what was added, the last first, and gives every other row its values again."""
    added = {table: [row_id for name, row_id, before in rows if name == table and not before] for table in _TABLES}
    for table in ("enrolments", "classes"):
        model = _TABLES[table]
        for group in _groups(added[table]):
            tx.connection.execute(delete(model).where(model.id.in_(group), model.school_id.in_(scope.schools)))
    same: dict[tuple[str, tuple[tuple[str, Any], ...]], list[str]] = {}
    for table, row_id, before in rows:
        if before:
            same.setdefault((table, tuple(sorted(before.items()))), []).append(row_id)
    for (table, values), ids in same.items():
        model = _TABLES[table]
        back = {name: _rich(name, value) for name, value in values}
        for group in _groups(ids):
            own = (model.id.in_(group), model.school_id.in_(scope.schools))
            tx.connection.execute(update(model).where(*own).values(**back))
    tx.connection.execute(delete(YearChange).where(YearChange.promotion_id == promotion_id))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _rich(name: str, value: Any) -> Any:
    """Days and moments lie in JSON as text."""
    if not isinstance(value, str) or name not in ("begin", "end", "changed_at"):
        return value
    return datetime.fromisoformat(value) if name == "changed_at" else date.fromisoformat(value)
