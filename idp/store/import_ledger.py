"""Imports that were applied, what each of them changed, and files that wait between preview and apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from idp.core.scope import Scope
from idp.store import people
from idp.store.bulk import add_rows
from idp.store.cards import HELD
from idp.store.models.audit import Change
from idp.store.models.cards import Card
from idp.store.models.consents import ConsentRecord
from idp.store.models.org import AcademicSession
from idp.store.models.people import Course, Enrolment, Guardianship, Membership, Person, SchoolClass
from idp.store.models.rosters import Import, ImportChange, ImportUpload, RosterRecord
from idp.store.session import Tx
from idp.store.words import renew

_GROUP = 500
TABLES: dict[str, Any] = {
    "people": Person,
    "academic_sessions": AcademicSession,
    "courses": Course,
    "classes": SchoolClass,
    "memberships": Membership,
    "enrolments": Enrolment,
    "guardianships": Guardianship,
}
_DATED = ("memberships", "enrolments", "guardianships")
_KEPT = {
    "people": ("family_name", "given_name", "middle_name", "sort_key", "search_key", "email", "email_verified", "phone",
               "phone_verified", "language", "birth_date", "sex", "status", "iin_lookup", "iin_sealed"),
    "academic_sessions": ("parent_id", "type", "title", "begin", "end", "school_year", "status"),
    "courses": ("title", "code", "subjects", "status"),
    "classes": ("course_id", "title", "kind", "grade", "subject", "language", "shift", "sessions", "status"),
    "memberships": ("grade", "is_primary", "begin", "end"),
    "enrolments": ("role", "is_primary", "begin", "end"),
    "guardianships": ("relation", "begin", "end", "verified_by", "verified_at", "of_age_on"),
}  # fmt: skip
"""Columns that an import may change."""
_DAYS = {"begin", "end", "birth_date", "of_age_on"}
_MOMENTS = {"verified_at"}
_BYTES = {"iin_lookup", "iin_sealed"}
Row = Mapping[str, Any]


def _groups(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _GROUP] for start in range(0, len(ids), _GROUP))


def note(tx: Tx, scope: Scope, row: Row) -> None:
    """One import that is being applied, at an organisation of the scope."""
    if not scope.allows(str(row["school_id"])):
        raise ValueError("an import outside the scope")
    tx.connection.execute(insert(Import), {"undone_by": "", "undone_at": None, **row})


def listed(tx: Tx, scope: Scope, *, limit: int) -> list[Row]:
    """The newest first; `kept` says whether what it changed is known."""
    kept = select(ImportChange.import_id).where(ImportChange.import_id == Import.id).exists()
    query = (
        select(Import.id, Import.school_id, Import.file_name, Import.report, Import.applied_by, Import.applied_at,
               Import.undone_by, Import.undone_at, kept.label("kept"))
        .where(Import.school_id.in_(scope.schools))
        .order_by(Import.applied_at.desc(), Import.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [row._asdict() for row in tx.connection.execute(query)]


def mark_undone(tx: Tx, scope: Scope, import_id: str, *, by: str, now: datetime) -> bool:
    """False when it was undone already."""
    statement = update(Import).where(
        Import.id == import_id, Import.school_id.in_(scope.schools), Import.undone_at.is_(None)
    )
    return bool(tx.connection.execute(statement.values(undone_by=by, undone_at=now)).rowcount)


def remember_added(tx: Tx, import_id: str, table: str, ids: Sequence[str]) -> None:
    rows = [{"import_id": import_id, "table": table, "row_id": one, "before": {}} for one in ids]
    add_rows(tx, ImportChange, rows)


def remember_before(tx: Tx, scope: Scope, import_id: str, table: str, ids: Sequence[str]) -> None:
    """How these rows look now; rows that do not exist are left out."""
    model = TABLES[table]
    columns = [getattr(model, name) for name in _KEPT[table]]
    for group in _groups(ids):
        query = select(model.id, *columns).where(model.id.in_(group))
        if table not in ("people",):
            query = query.where(model.school_id.is_not(None))
        rows = [
            {"import_id": import_id, "table": table, "row_id": row[0],
             "before": {name: _plain(value) for name, value in zip(_KEPT[table], row[1:], strict=True)}}
            for row in tx.connection.execute(query)
        ]  # fmt: skip
        add_rows(tx, ImportChange, rows)


def pupil_memberships(tx: Tx, scope: Scope, people_: Sequence[str]) -> list[str]:
    """Memberships as a pupil in the scope's schools, whatever their term."""
    found: list[str] = []
    for group in _groups(people_):
        query = select(Membership.id).where(
            Membership.person_id.in_(group), Membership.school_id.in_(scope.schools), Membership.role == "pupil"
        )
        found += tx.connection.execute(query).scalars()
    return found


def changes(tx: Tx, scope: Scope, import_id: str) -> dict[str, list[tuple[str, Row]]]:
    """(row, before) by table; `before` is empty for a row that was added."""
    found: dict[str, list[tuple[str, Row]]] = {table: [] for table in TABLES}
    query = select(ImportChange.table, ImportChange.row_id, ImportChange.before).join(Import)
    query = query.where(ImportChange.import_id == import_id, Import.school_id.in_(scope.schools))
    for table, row_id, before in tx.connection.execute(query):
        found[table].append((row_id, before))
    return found


def has_added(tx: Tx, scope: Scope, person_id: str) -> bool:
    """Whether a list of the scope's schools made this person's record."""
    query = (
        select(ImportChange.row_id)
        .join(Import)
        .where(ImportChange.table == "people", ImportChange.row_id == person_id, Import.school_id.in_(scope.schools))
    )
    return any(not before for before in tx.connection.scalars(query.with_only_columns(ImportChange.before)))


def touched_since(tx: Tx, scope: Scope, ids: Sequence[str], *, after: datetime) -> bool:
    """Whether the feed tells of a change of one of these records after a moment, at any school."""
    for group in _groups(ids):
        query = select(Change.seq).where(
            Change.record_id.in_(group), Change.at > after, Change.school_id.is_not(None)
        )  # fmt: skip
        if tx.connection.execute(query.limit(1)).first() is not None:
            return True
    return False


def later_work(tx: Tx, scope: Scope, people_: Sequence[str], classes: Sequence[str], ours: set[str]) -> bool:
    """Whether somebody has since given what an import brought a role, a place, a link, a card or a consent."""
    own: list[tuple[Any, Any, Any]] = [
        (Membership.id, Membership.person_id, Membership.end.is_(None)),
        (Enrolment.id, Enrolment.person_id, Enrolment.end.is_(None)),
        (Guardianship.id, Guardianship.child_id, Guardianship.end.is_(None)),
        (Guardianship.id, Guardianship.guardian_id, Guardianship.end.is_(None)),
        (Card.id, Card.person_id, Card.state.in_(HELD)),
        (ConsentRecord.id, ConsentRecord.person_id, ConsentRecord.withdrawn_at.is_(None)),
    ]  # fmt: skip
    asked = [(row_id, column, is_open, people_) for row_id, column, is_open in own]
    asked.append((Enrolment.id, Enrolment.class_id, Enrolment.end.is_(None), classes))
    for row_id, column, is_open, ids in asked:
        for group in _groups(ids):
            query = select(row_id).where(column.in_(group), is_open, row_id.class_.school_id.is_not(None))
            if any(one not in ours for one in tx.connection.execute(query).scalars()):
                return True
    return False


def restore(tx: Tx, scope: Scope, table: str, rows: Sequence[tuple[str, Row]]) -> None:
    """Gives rows the values they had."""
    model = TABLES[table]
    for row_id, before in rows:
        statement = update(model).where(model.id == row_id)
        if table != "people":
            statement = statement.where(model.school_id.is_not(None))
        tx.connection.execute(statement.values({name: _rich(name, value) for name, value in before.items()}))
    if table == "people":
        renew(tx, [row_id for row_id, _ in rows])


def take_out(
    tx: Tx, scope: Scope, table: str, ids: Sequence[str], *, today: date, now: datetime
) -> tuple[list[tuple[str, str]], list[str]]:
    """Ends rows that were added: ((school, row) of those that were open, people who hold nothing any more)."""
    if table == "people":
        return [], people.close(tx, scope, ids, today=today, now=now)
    model = TABLES[table]
    is_open = or_(model.end.is_(None), model.end > today) if table in _DATED else model.status == "active"
    ended: list[tuple[str, str]] = []
    for group in _groups(ids):
        own = (model.id.in_(group), model.school_id.in_(scope.schools))
        ended += [
            (row[0], row[1]) for row in tx.connection.execute(select(model.school_id, model.id).where(*own, is_open))
        ]
        statement = update(model).where(*own, is_open)
        tx.connection.execute(statement.values(end=today) if table in _DATED else statement.values(status="ended"))
    return ended, []


def forget(tx: Tx, source: str, added: Sequence[str], changed: Sequence[str], *, now: datetime) -> None:
    """Records of the source behind these rows are read anew by the next import."""
    for ids, values in ((added, {"digest": "", "ended_at": now}), (changed, {"digest": "", "ended_at": None})):
        for group in _groups(ids):
            statement = update(RosterRecord).where(RosterRecord.target_id.in_(group), RosterRecord.source == source)
            tx.connection.execute(statement.values(**values))


def keep_upload(tx: Tx, scope: Scope, row: Row) -> None:
    if not scope.allows(str(row["school_id"])):
        raise ValueError("a file outside the scope")
    tx.connection.execute(insert(ImportUpload), dict(row))


def upload(tx: Tx, scope: Scope, upload_id: str, *, now: datetime) -> Row | None:
    """A file that still waits."""
    table = ImportUpload
    query = select(table.id, table.school_id, table.file_name, table.sealed, table.uploaded_by).where(
        table.id == upload_id, table.school_id.in_(scope.schools), table.expires_at > now
    )
    row = tx.connection.execute(query).first()
    return None if row is None else row._asdict()


def drop_upload(tx: Tx, scope: Scope, upload_id: str) -> bool:
    """False when it is gone already."""
    table = ImportUpload
    query = delete(table).where(table.id == upload_id, table.school_id.in_(scope.schools))
    return tx.connection.execute(query).rowcount == 1


def drop_expired(tx: Tx, scope: Scope, *, now: datetime) -> int:
    """Files of the scope's schools whose hour is over."""
    table = ImportUpload
    statement = delete(table).where(table.expires_at <= now, table.school_id.in_(scope.schools))
    return int(tx.connection.execute(statement).rowcount)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, date | datetime) else value


def _rich(name: str, value: Any) -> Any:
    """Days, moments and octets lie in JSON as text."""
    if not isinstance(value, str):
        return value
    if name in _DAYS:
        return date.fromisoformat(value)
    if name in _BYTES:
        return bytes.fromhex(value)
    return datetime.fromisoformat(value) if name in _MOMENTS else value
