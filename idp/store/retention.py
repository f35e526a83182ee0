"""Which rows of which table are over, and taking them out in batches: no transaction holds the writer for long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select

from idp.core.clock import local_date
from idp.core.ids import new_id
from idp.core.scope import Scope
from idp.store.erasure import is_held, is_over
from idp.store.models.audit import Change, ExportCount
from idp.store.models.consents import ConsentRecord
from idp.store.models.grants import Grant, RevokedToken
from idp.store.models.invitations import Invitation
from idp.store.models.people import Person, Photo
from idp.store.models.rosters import Import, ImportChange, ImportUpload
from idp.store.models.sessions import LoginSession, OneTimeValue, Throttle
from idp.store.models.signing import PhoneErrand, SigningRequest
from idp.store.models.subject_requests import Announcement, Outage, RetentionRun, SubjectRequest
from idp.store.models.work import OutboxItem
from idp.store.session import Tx

_NEVER = 2**62


@dataclass(frozen=True, slots=True)
class Expired:
    """Rows of `table` for which `over(before)` holds; `key` finds them again."""

    table: Any
    key: Any
    over: Callable[[datetime], ColumnElement[bool]]


GRANTS = Expired(Grant, Grant.id, lambda before: Grant.expires_at <= before)
"""With their codes and refresh tokens."""
REVOKED_TOKENS = Expired(RevokedToken, RevokedToken.jti, lambda before: RevokedToken.expires_at <= before)
SESSIONS = Expired(
    LoginSession,
    LoginSession.id,
    lambda before: (LoginSession.expires_at <= before) & ~exists().where(Grant.session_id == LoginSession.id),
)
"""By their absolute end, and only when no grant refers to them any more."""
ONE_TIME_VALUES = Expired(OneTimeValue, OneTimeValue.value_hash, lambda before: OneTimeValue.expires_at <= before)
PHONE_ERRANDS = Expired(PhoneErrand, PhoneErrand.id, lambda before: PhoneErrand.expires_at <= before)
"""With what a phone brought and no browser confirmed."""
UNSIGNED_REQUESTS = Expired(
    SigningRequest,
    SigningRequest.id,
    lambda before: and_(
        SigningRequest.state != "signed",
        SigningRequest.expires_at <= before,
        ~exists().where(PhoneErrand.request_id == SigningRequest.id),
    ),
)
"""Documents that nobody signed; what was signed stays."""
THROTTLES = Expired(Throttle, Throttle.key, lambda before: Throttle.window_ends_at <= before)
SENT = Expired(OutboxItem, OutboxItem.id, lambda before: (OutboxItem.done_at <= before) & OutboxItem.failed.is_(False))
"""What was sent; what was given up stays for the operator."""
PHOTOS = Expired(
    Photo,
    Photo.person_id,
    lambda before: exists().where(Person.id == Photo.person_id, Person.status != "active", Person.updated_at <= before),
)
CONSENT_PROOFS = Expired(
    ConsentRecord,
    ConsentRecord.id,
    lambda before: and_(
        or_(
            and_(ConsentRecord.withdrawn_at <= before, ConsentRecord.refusal == ""),
            ConsentRecord.expires_on <= local_date(before),
            and_(ConsentRecord.answer == "declined", ConsentRecord.given_at <= before),
        ),
        ~exists().where(Person.id == ConsentRecord.person_id, Person.status != "erased", is_held()),
    ),
)
"""Of consents that have not held since, unless somebody's claim about the person is looked into."""
INVITATIONS = Expired(Invitation, Invitation.id, lambda before: Invitation.expires_at <= before)
IMPORT_UPLOADS = Expired(ImportUpload, ImportUpload.id, lambda before: ImportUpload.expires_at <= before)
"""Sealed files that were looked at and not applied."""
IMPORT_CHANGES = Expired(
    ImportChange,
    ImportChange.import_id,
    lambda before: exists().where(Import.id == ImportChange.import_id, Import.applied_at <= before),
)
"""How rows looked before an import: old names and contacts, kept to undo it."""
EXPORT_COUNTS = Expired(ExportCount, ExportCount.day, lambda before: ExportCount.day <= local_date(before))
CLOSED_REQUESTS = Expired(SubjectRequest, SubjectRequest.id, lambda before: SubjectRequest.closed_at <= before)
ANNOUNCEMENTS = Expired(Announcement, Announcement.id, lambda before: Announcement.end <= before)
OUTAGES = Expired(Outage, Outage.id, lambda before: Outage.end <= before)
RUNS = Expired(RetentionRun, RetentionRun.id, lambda before: RetentionRun.ran_at <= before)


def _older_changes(before: datetime) -> ColumnElement[bool]:
    """By the place of the first change that stays: the table has no index of times, and its begin is soon found."""
    first = select(Change.seq).where(Change.at > before).order_by(Change.seq).limit(1).scalar_subquery()
    return Change.seq < func.coalesce(first, _NEVER)


CHANGES = Expired(Change, Change.seq, _older_changes)


def delete_some(tx: Tx, rows: Expired, *, before: datetime, limit: int) -> int:
    """Deletes at most `limit` rows that have been over since `before`; returns how many went."""
    condition = rows.over(before)
    chosen = select(rows.key).where(condition).limit(limit)
    return tx.connection.execute(delete(rows.table).where(rows.key.in_(chosen), condition)).rowcount


def count(tx: Tx, rows: Expired, *, before: datetime) -> int:
    """How many rows have been over since `before`."""
    return int(
        tx.connection.execute(select(func.count()).select_from(rows.table).where(rows.over(before))).scalar_one()
    )


def count_people(tx: Tx, scope: Scope, *, before: datetime) -> int:
    """How many people's term is over; for the operator alone, like `erasure.due`."""
    if scope.role != "operator":
        return 0
    query = select(func.count()).select_from(Person).where(is_over(before, local_date(before)))
    return int(tx.connection.execute(query).scalar_one())


def note_run(tx: Tx, rule: str, rows: int, *, now: datetime) -> None:
    tx.connection.execute(insert(RetentionRun), {"id": new_id(), "rule": rule, "ran_at": now, "rows": rows})


def runs(tx: Tx, *, limit: int) -> list[tuple[str, datetime, int]]:
    """(rule, when, how many rows) of the newest runs that found something."""
    query = select(RetentionRun.rule, RetentionRun.ran_at, RetentionRun.rows)
    rows = tx.connection.execute(query.order_by(RetentionRun.ran_at.desc(), RetentionRun.id.desc()).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]
