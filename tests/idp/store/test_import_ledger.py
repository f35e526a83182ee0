"""The ledger of imports keeps to its school, and rows come back as they were."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from idp.core.ids import new_id
from idp.services import scope
from idp.store import import_ledger
from idp.store.models.people import Enrolment, Person
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import BEGINNING, add_person, add_school


def test_rows_are_given_back_as_they_were(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5")
        here, there = scope.of_operator((school,)), scope.of_operator((other,))
        person = add_person(tx, birth_date=date(2013, 5, 17), iin_lookup=b"\x01", iin_sealed=b"\x02")
        room = add_class(tx, school)
        place = add_enrolment(tx, school, room, person, "pupil", begin=date(2026, 9, 1))
        row: dict[str, Any] = {
            "id": new_id(),
            "school_id": school,
            "file_name": "a.zip",
            "report": {},
            "applied_by": "x",
        }
        with pytest.raises(ValueError, match="outside"):
            import_ledger.note(tx, there, row | {"applied_at": BEGINNING})
        import_ledger.note(tx, here, row | {"applied_at": BEGINNING})
        for table, target in (("people", person), ("enrolments", place)):
            import_ledger.remember_before(tx, here, row["id"], table, [target, "0" * 32])
        import_ledger.remember_added(tx, row["id"], "classes", [room])
        tx.connection.execute(update(Person).values(birth_date=None, iin_lookup=b"\x09", family_name="Х"))
        tx.connection.execute(
            update(Enrolment).where(Enrolment.school_id == school).values(begin=None, end=date(2026, 9, 2))
        )
        found = import_ledger.changes(tx, here, row["id"])
        for table in ("people", "enrolments"):
            import_ledger.restore(tx, here, table, found[table])
        query = select(Person.birth_date, Person.iin_lookup, Person.family_name)
        assert tuple(tx.connection.execute(query).one()) == (date(2013, 5, 17), b"\x01", "")
        place_now = select(Enrolment.begin, Enrolment.end).where(Enrolment.school_id == school)
        assert tuple(tx.connection.execute(place_now).one()) == (date(2026, 9, 1), None)
        assert import_ledger.take_out(tx, there, "classes", [room], today=BEGINNING.date(), now=BEGINNING) == ([], [])
        ended, _ = import_ledger.take_out(tx, here, "classes", [room], today=BEGINNING.date(), now=BEGINNING)
        assert ended == [(school, room)]
        assert import_ledger.listed(tx, there, limit=5) == []
        assert not import_ledger.mark_undone(tx, there, row["id"], by="x", now=BEGINNING)
        assert import_ledger.mark_undone(tx, here, row["id"], by="x", now=BEGINNING)
