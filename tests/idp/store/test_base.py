"""The base: UTC in and out on every database, and names for every constraint."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from idp.store.base import Base
from idp.store.models.sessions import OneTimeValue
from idp.store.session import Tx, UnitOfWork

_ALMATY = timezone(timedelta(hours=5))


def _put(tx: Tx, moment: datetime) -> None:
    row = {"value_hash": "a", "purpose": "test", "created_at": moment, "expires_at": moment}
    tx.connection.execute(insert(OneTimeValue), row)


def test_a_moment_comes_back_in_utc_whatever_its_zone_was(uow: UnitOfWork) -> None:
    moment = datetime(2026, 9, 1, 8, 0, 0, 123456, tzinfo=_ALMATY)
    with uow.write() as tx:
        _put(tx, moment)
    with uow.read() as tx:
        found = tx.connection.execute(select(OneTimeValue.created_at)).scalar_one()
    assert found == moment
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(uow: UnitOfWork) -> None:
    with pytest.raises(StatementError, match="naive datetime"), uow.write() as tx:
        _put(tx, datetime(2026, 9, 1, 8, 0))  # noqa: DTZ001


def test_moments_compare_in_sql_across_zones(uow: UnitOfWork) -> None:
    """Expiry is decided by such comparisons, so text on SQLite must sort like time."""
    with uow.write() as tx:
        _put(tx, datetime(2026, 9, 1, 8, 0, tzinfo=_ALMATY))
        just_before = datetime(2026, 9, 1, 2, 59, 59, 999999, tzinfo=UTC)
        query = select(OneTimeValue.purpose).where(OneTimeValue.expires_at > just_before)
        assert tx.connection.execute(query).first() is not None


def _names() -> Iterator[str | None]:
    for table in Base.metadata.tables.values():
        yield from (None if constraint.name is None else str(constraint.name) for constraint in table.constraints)
        yield from (index.name for index in table.indexes)


def test_every_constraint_and_index_has_a_name() -> None:
    """Nameless ones cannot be altered in a batch on SQLite."""
    assert None not in set(_names())


def test_names_fit_into_postgresql() -> None:
    """PostgreSQL cuts names at 63 bytes, and the two databases would then differ."""
    assert [name for name in _names() if name and len(name) > 63] == []
