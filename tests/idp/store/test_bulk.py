"""Many rows at once, on both databases."""

from __future__ import annotations

from sqlalchemy import func, select

from idp.core.ids import new_id
from idp.store.bulk import add_rows
from idp.store.models.org import Organisation
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING


def test_thousands_of_rows_arrive(uow: UnitOfWork) -> None:
    rows = [{"id": new_id(), "type": "secondary", "name": f"№ {n}", "created_at": BEGINNING} for n in range(2500)]
    with uow.write() as tx:
        add_rows(tx, Organisation, rows)
        add_rows(tx, Organisation, [])
    with uow.read() as tx:
        assert tx.connection.execute(select(func.count()).select_from(Organisation)).scalar_one() == 2500
