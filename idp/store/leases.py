"""Leases: which worker may run a singleton job, portable to every database (no advisory locks)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from idp.store.models.work import Lease
from idp.store.session import Tx


def acquire(tx: Tx, name: str, *, owner: str, now: datetime, hold: timedelta) -> bool:
    """True when `owner` holds the lease until `now + hold`: it was free, over, or already theirs."""
    mine = update(Lease).where(Lease.name == name, or_(Lease.until <= now, Lease.owner == owner))
    if tx.connection.execute(mine.values(owner=owner, until=now + hold, fence=Lease.fence + 1)).rowcount:
        return True
    try:
        with tx.connection.begin_nested():
            tx.connection.execute(insert(Lease), {"name": name, "owner": owner, "until": now + hold, "fence": 1})
    except IntegrityError:
        return False
    return True


def beat(tx: Tx, name: str, *, now: datetime) -> datetime | None:
    """Notes that all is well now, in a row of its own; returns when that was noted before, None the first time."""
    before = tx.connection.execute(select(Lease.until).where(Lease.name == name)).scalar()
    if before is None:
        acquire(tx, name, owner="", now=now, hold=timedelta(0))
    else:
        tx.connection.execute(update(Lease).where(Lease.name == name, Lease.until < now).values(until=now))
    return before
