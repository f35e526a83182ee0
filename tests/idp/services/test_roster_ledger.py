"""A row that an import touches twice is remembered as it was before the first time."""

from __future__ import annotations

from sqlalchemy import update

from idp.core.ids import new_id
from idp.services import scope
from idp.services.roster_ledger import Ledger, NoLedger
from idp.store import import_ledger
from idp.store.models.people import Person
from idp.store.session import UnitOfWork
from tests.factories.rows import BEGINNING, add_person, add_school


def test_the_first_look_counts(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        here = scope.of_operator((school,))
        person, import_id = add_person(tx, family_name="Бұрынғы"), new_id()
        row = {"id": import_id, "school_id": school, "file_name": "", "report": {}, "applied_by": ""}
        import_ledger.note(tx, here, row | {"applied_at": BEGINNING})
        ledger = Ledger(tx, here, import_id)
        ledger.changing("users", [person, person])
        tx.connection.execute(update(Person).values(family_name="Жаңа"))
        ledger.changing("demographics", [person])
        ledger.changing("orgs", [school])
        ledger.added("users", [person])
        NoLedger().added("users", [person])
        NoLedger().changing("users", [person])
        NoLedger().changing_grades([person])
        found = import_ledger.changes(tx, here, import_id)
    assert [before["family_name"] for _, before in found["people"]] == ["Бұрынғы"]
