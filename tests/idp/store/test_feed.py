"""The change feed."""

from __future__ import annotations

from sqlalchemy import select

from idp.store import feed
from idp.store.models.audit import Change
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING


def test_changes_are_appended_in_order(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        feed.append(tx, "people", "added", [("s", "p1"), ("s", "p2")], now=BEGINNING)
        feed.append(tx, "people", "ended", [], now=BEGINNING)
        feed.append(tx, "classes", "changed", iter([("s", "c")]), now=BEGINNING)
    with uow.read() as tx:
        rows = tx.connection.execute(select(Change).order_by(Change.seq)).all()
    assert [(r.kind, r.action, r.record_id) for r in rows] == [
        ("people", "added", "p1"), ("people", "added", "p2"), ("classes", "changed", "c"),
    ]  # fmt: skip
