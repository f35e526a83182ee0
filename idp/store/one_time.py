"""One-time values: stored hashed, typed by purpose, spent by one conditional UPDATE."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from idp.core.ids import fingerprint
from idp.store.models.sessions import OneTimeValue
from idp.store.session import Tx

_whole = cast(Table, OneTimeValue.__table__)
_table = _whole.c
_live = (
    (OneTimeValue.value_hash == bindparam("b_hash"))
    & (OneTimeValue.purpose == bindparam("b_purpose"))
    & OneTimeValue.consumed_at.is_(None)
    & (OneTimeValue.expires_at > bindparam("b_now"))
)
_PEEK = select(_table.data).where(_live)
_CONSUME = update(OneTimeValue).where(_live).values(consumed_at=bindparam("b_now")).returning(_table.data)

_PUT_IF_NEW = {
    "sqlite": sqlite.insert(_whole).on_conflict_do_nothing().returning(_table.value_hash),
    "postgresql": postgresql.insert(_whole).on_conflict_do_nothing().returning(_table.value_hash),
}
"""Made once: a statement built for each request costs more than the row."""


def put(tx: Tx, value: str, *, purpose: str, data: dict[str, Any], now: datetime, ttl: timedelta) -> None:
    """Keeps `data` under the hash of `value`. Raises IntegrityError when the pair of value and purpose exists."""
    tx.connection.execute(
        insert(OneTimeValue),
        {
            "value_hash": fingerprint(value),
            "purpose": purpose,
            "data": data,
            "created_at": now,
            "expires_at": now + ttl,
        },
    )


def put_if_new(tx: Tx, value: str, *, purpose: str, now: datetime, ttl: timedelta) -> bool:
    """Remembers a value that must be seen once only, such as a `jti`; False when it was seen before."""
    row = {
        "value_hash": fingerprint(value),
        "purpose": purpose,
        "data": {},
        "created_at": now,
        "expires_at": now + ttl,
    }
    return tx.connection.execute(_PUT_IF_NEW[tx.connection.dialect.name], row).first() is not None


def forget_expired(tx: Tx, value: str, *, purpose: str, now: datetime) -> None:
    """Makes room for a value that comes again after its time, such as a key that a client chose."""
    is_it = (OneTimeValue.value_hash == fingerprint(value)) & (OneTimeValue.purpose == purpose)
    tx.connection.execute(delete(OneTimeValue).where(is_it, OneTimeValue.expires_at <= now))


def peek(tx: Tx, value: str, *, purpose: str, now: datetime) -> dict[str, Any] | None:
    """What is kept, without spending it; None when spent, expired or never there."""
    row = tx.connection.execute(_PEEK, {"b_hash": fingerprint(value), "b_purpose": purpose, "b_now": now}).first()
    return None if row is None else row[0]


def consume(tx: Tx, value: str, *, purpose: str, now: datetime) -> dict[str, Any] | None:
    """Spends the value. Of any number of parallel callers exactly one gets the data, the others None."""
    row = tx.connection.execute(_CONSUME, {"b_hash": fingerprint(value), "b_purpose": purpose, "b_now": now}).first()
    return None if row is None else row[0]


def delete_expired(tx: Tx, *, now: datetime) -> int:
    """Removes what can never be spent any more; returns how many rows went."""
    return tx.connection.execute(delete(OneTimeValue).where(OneTimeValue.expires_at <= now)).rowcount
