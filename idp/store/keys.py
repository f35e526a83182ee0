"""Rows of the `keys` table. Sealing and meaning are `services/keys.py`'s."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete as sa_delete
from sqlalchemy import func, insert, select, update

from idp.store.models.keys import StoredKey
from idp.store.session import Tx


def add(
    tx: Tx, *, kid: str, use: str, alg: str, sealed: bytes, state: str, now: datetime, active_from: datetime
) -> None:
    row = {"kid": kid, "use": use, "alg": alg, "sealed": sealed, "state": state, "created_at": now}
    tx.connection.execute(insert(StoredKey), row | {"active_from": active_from})


def all_keys(tx: Tx) -> list[StoredKey]:
    return list(tx.session.scalars(select(StoredKey).order_by(StoredKey.created_at, StoredKey.kid)))


def hold(tx: Tx, uses: Sequence[str]) -> None:
    """Until the end of the transaction nobody else takes a step with the keys of these uses (PostgreSQL; SQLite has one
    writer)."""
    query = select(StoredKey.kid).where(StoredKey.use.in_(uses), StoredKey.state == "active")
    tx.connection.execute(query.order_by(StoredKey.kid).with_for_update()).all()


def version(tx: Tx) -> str:
    """Changes whenever a key is added, changes state or goes."""
    query = select(func.count(), func.max(StoredKey.created_at), func.max(StoredKey.retire_at))
    states = select(StoredKey.state, func.count()).group_by(StoredKey.state).order_by(StoredKey.state)
    return f"{tx.connection.execute(query).one()}{tx.connection.execute(states).all()}"


def activate(tx: Tx, kid: str, *, now: datetime) -> bool:
    """next → active; False when another node was faster."""
    query = update(StoredKey).where(StoredKey.kid == kid, StoredKey.state == "next")
    return tx.connection.execute(query.values(state="active", active_from=now)).rowcount == 1


def retire(tx: Tx, kid: str, *, now: datetime, gone_at: datetime | None) -> bool:
    """active → retired, published until `gone_at`; a secret goes by `delete`."""
    query = update(StoredKey).where(StoredKey.kid == kid, StoredKey.state == "active")
    return tx.connection.execute(query.values(state="retired", retire_at=now, gone_at=gone_at)).rowcount == 1


def delete_gone(tx: Tx, *, now: datetime) -> int:
    """Removes retired signing keys whose last token has expired."""
    query = sa_delete(StoredKey).where(StoredKey.state == "retired", StoredKey.gone_at <= now)
    return tx.connection.execute(query).rowcount


def delete(tx: Tx, kid: str) -> None:
    """Removes the old version of a secret with which nothing is written any more."""
    tx.connection.execute(sa_delete(StoredKey).where(StoredKey.kid == kid, StoredKey.state == "retired"))
