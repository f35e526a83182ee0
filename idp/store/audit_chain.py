"""The chain's tables: which events wait for a link, the links in order, and the checkpoints. All three only grow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, bindparam, func, insert, select

from idp.store.bulk import add_rows
from idp.store.models.audit import AuditCheckpoint, AuditEvent, AuditLink
from idp.store.session import Tx

_events = cast(Table, AuditEvent.__table__)
_links = cast(Table, AuditLink.__table__)
_checkpoints = cast(Table, AuditCheckpoint.__table__)
_EVENT = tuple(_events.c)


class EventRow(NamedTuple):
    """An event in the order of its columns."""

    id: str
    at: datetime
    event: str
    actor_id: str
    person_id: str
    client_id: str
    school_id: str
    request_id: str
    data: dict[str, Any]


class LinkRow(NamedTuple):
    """A link and its event; None when that is gone."""

    seq: int
    event_id: str
    hash: str
    event: EventRow | None


class CheckpointRow(NamedTuple):
    seq: int
    hash: str
    at: datetime
    jws: str


_UNLINKED = (
    select(*_EVENT)
    .outerjoin(_links, _links.c.event_id == _events.c.id)
    .where(_links.c.event_id.is_(None), _events.c.id > bindparam("after"))
    .order_by(_events.c.id)
    .limit(bindparam("limit"))
)
_LINKS = (
    select(_links.c.seq, _links.c.event_id, _links.c.hash, *_EVENT)
    .outerjoin(_events, _links.c.event_id == _events.c.id)
    .where(_links.c.seq > bindparam("after"))
    .order_by(_links.c.seq)
    .limit(bindparam("limit"))
)
_HEAD = select(_links.c.seq, _links.c.hash).order_by(_links.c.seq.desc()).limit(1)
_NEWEST_ID = select(func.max(_links.c.event_id))
_CHECKPOINTS = (
    select(_checkpoints)
    .where(_checkpoints.c.seq > bindparam("after"))
    .order_by(_checkpoints.c.seq)
    .limit(bindparam("limit"))
)
_NEWEST = select(_checkpoints).order_by(_checkpoints.c.seq.desc()).limit(1)


def unlinked(tx: Tx, *, after: str, limit: int) -> list[EventRow]:
    """Events without a link whose id is greater than `after`, by id."""
    rows = tx.connection.execute(_UNLINKED, {"after": after, "limit": limit})
    return [EventRow._make(row) for row in rows]


def newest_linked_id(tx: Tx) -> str:
    """The greatest id of an event that has a link; empty without any."""
    return str(tx.connection.execute(_NEWEST_ID).scalar() or "")


def head(tx: Tx) -> tuple[int, str]:
    """(seq, hash) of the last link; (0, "") of an empty chain."""
    row = tx.connection.execute(_HEAD).first()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


def hash_at(tx: Tx, seq: int) -> str:
    """The hash of one link; empty when there is none."""
    return str(tx.connection.execute(select(_links.c.hash).where(_links.c.seq == seq)).scalar() or "")


def add_links(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises IntegrityError when somebody else was faster with one of the numbers or events."""
    add_rows(tx, AuditLink, rows)


def links(tx: Tx, *, after: int, limit: int) -> list[LinkRow]:
    """Links with their events in the order of the chain."""
    rows = tx.connection.execute(_LINKS, {"after": after, "limit": limit})
    return [LinkRow(row[0], row[1], row[2], None if row[3] is None else EventRow._make(row[3:])) for row in rows]


def add_checkpoint(tx: Tx, row: CheckpointRow) -> None:
    tx.connection.execute(insert(_checkpoints), row._asdict())


def checkpoints(tx: Tx, *, after: int, limit: int) -> list[CheckpointRow]:
    rows = tx.connection.execute(_CHECKPOINTS, {"after": after, "limit": limit})
    return [CheckpointRow._make(row) for row in rows]


def newest_checkpoint(tx: Tx) -> CheckpointRow | None:
    row = tx.connection.execute(_NEWEST).first()
    return None if row is None else CheckpointRow._make(row)
