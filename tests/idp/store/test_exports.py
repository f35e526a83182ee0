"""One statement counts and refuses, so that many at once pass no limit together."""

from __future__ import annotations

from datetime import date

from idp.store import exports
from idp.store.session import UnitOfWork

DAY = date(2026, 9, 1)


def test_a_sum_never_passes_its_limit(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        assert [exports.add(tx, "person:a", rows, day=DAY, limit=10) for rows in (11, 4, 6, 1)] == [None, 4, 10, None]
        assert exports.taken(tx, "person:a", day=DAY) == 10
        assert exports.taken(tx, "person:b", day=DAY) == 0
