"""Many rows at once, on both databases."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from idp.core.ids import new_id
from idp.store.bulk import add_rows, refresh_statistics
from idp.store.models.org import Organisation
from idp.store.models.people import Person
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING


def test_thousands_of_rows_arrive(uow: UnitOfWork) -> None:
    rows = [{"id": new_id(), "type": "secondary", "name": f"№ {n}", "created_at": BEGINNING} for n in range(2500)]
    with uow.write() as tx:
        add_rows(tx, Organisation, rows)
        add_rows(tx, Organisation, [])
    with uow.read() as tx:
        assert tx.connection.execute(select(func.count()).select_from(Organisation)).scalar_one() == 2500


def test_defaults_json_dates_and_bytes_arrive_as_by_an_insert(uow: UnitOfWork) -> None:
    rows = [
        {
            "id": new_id(), "username": f"u{n}", "created_at": BEGINNING, "updated_at": BEGINNING,
            "birth_date": date(2013, 5, 17), "iin_lookup": bytes([n, 0, 255]), "claims": {"nickname": "Ә\t\\N\n"},
            "family_name": "Ә\t\\N\n",
        }
        for n in range(60)
    ]  # fmt: skip
    with uow.write() as tx:
        add_rows(tx, Person, rows)
    with uow.read() as tx:
        row = tx.connection.execute(select(Person).where(Person.username == "u7")).one()
    assert (row.birth_date, row.iin_lookup, row.claims) == (
        date(2013, 5, 17),
        b"\x07\x00\xff",
        {"nickname": "Ә\t\\N\n"},
    )
    assert (row.family_name, row.language, row.status, row.created_at) == ("Ә\t\\N\n", "kk", "active", BEGINNING)
    assert (row.email_verified, row.iin_sealed) == (False, None)


def test_a_key_that_is_taken_is_an_integrity_error_everywhere(uow: UnitOfWork) -> None:
    rows = [{"id": new_id(), "type": "secondary", "name": "№ 1", "created_at": BEGINNING} for _ in range(60)]
    with pytest.raises(IntegrityError), uow.write() as tx:
        add_rows(tx, Organisation, [*rows, rows[0]])
    with uow.read() as tx:
        assert tx.connection.execute(select(func.count()).select_from(Organisation)).scalar_one() == 0


def test_the_planner_can_be_told(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        refresh_statistics(tx, Organisation, Person)
