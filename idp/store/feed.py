"""The change feed: every change of people, memberships, classes and guardianships, in order, for all readers alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from idp.store.bulk import add_rows
from idp.store.models.audit import Change
from idp.store.session import Tx


def append(tx: Tx, kind: str, action: str, records: Iterable[tuple[str, str]], *, now: datetime) -> None:
    """Adds (school_id, record_id) pairs under one kind and action, in the caller's transaction."""
    rows = [
        {"kind": kind, "action": action, "school_id": school_id, "record_id": record_id, "at": now}
        for school_id, record_id in records
    ]
    add_rows(tx, Change, rows)
