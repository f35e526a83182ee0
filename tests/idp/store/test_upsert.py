"""store/upsert: a row already there is no mistake."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, select

from idp.core.clock import FixedClock
from idp.store.models.grants import RevokedToken
from idp.store.session import UnitOfWork
from idp.store.upsert import insert_if_new, insert_or_update

_table = cast(Table, RevokedToken.__table__)


def test_the_first_row_stays(uow: UnitOfWork, clock: FixedClock) -> None:
    first = clock.now()
    with uow.write() as tx:
        assert insert_if_new(tx, _table, {"jti": "a", "expires_at": first})
        clock.advance(days=1)
        assert not insert_if_new(tx, _table, {"jti": "a", "expires_at": clock.now()})
        assert tx.connection.execute(select(_table.c.expires_at)).scalar() == first


def test_the_last_row_wins_where_it_should(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        for _ in range(2):
            clock.advance(days=1)
            insert_or_update(tx, _table, {"jti": "a", "expires_at": clock.now()}, key=("jti",), keep=())
        assert tx.connection.execute(select(_table.c.expires_at)).scalar() == clock.now()
