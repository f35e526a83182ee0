"""Single rows about one person."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from idp.core.ids import new_id
from idp.core.names import search_key
from idp.core.scope import Scope
from idp.store import person_edits
from idp.store.models.people import Enrolment, Person
from idp.store.session import UnitOfWork
from tests.factories.console import add_class, add_enrolment
from tests.factories.rows import BEGINNING, add_membership, add_person, add_school

TODAY = date(2026, 9, 1)


def test_rows_of_one_person_change_only_within_the_scope(uow: UnitOfWork) -> None:
    born, key = date(2013, 5, 17), search_key("Серікова", "Айгерім")
    with uow.write() as tx:
        school, other = add_school(tx), add_school(tx, "№ 5 ауыл мектебі")
        scope, beyond = Scope("", "secretary", (school,)), Scope("", "secretary", (other,))
        klass = add_class(tx, school)
        person = add_person(
            tx, email="a@example.com", email_verified=True, phone="+77010000000", phone_verified=True,
            search_key=key, birth_date=born,
        )  # fmt: skip
        held = add_membership(tx, person, school)
        place = add_enrolment(tx, school, klass, person, "pupil")
        person_edits.hold(tx, person)
        person_edits.change(tx, person, {"email": "a@example.com", "phone": "+77011111111"})
        row = tx.connection.execute(select(Person.email_verified, Person.phone_verified)).one()
        assert tuple(row) == (True, False)
        assert [one.holds for one in person_edits.memberships(tx, scope, person, today=TODAY)] == [True]
        assert person_edits.memberships(tx, beyond, person, today=TODAY) == []
        assert person_edits.has_birthday_twin(tx, scope, key, born) == [person]
        assert person_edits.has_birthday_twin(tx, beyond, key, born) == []
        assert person_edits.has_birthday_twin(tx, scope, key, None) == []
        assert person_edits.end_membership(tx, beyond, person, held, today=TODAY) == ""
        assert person_edits.end_membership(tx, scope, person, held, today=TODAY) == "pupil"
        assert person_edits.end_membership(tx, scope, person, held, today=TODAY) == ""
        assert person_edits.end_enrolments(tx, beyond, person, ("pupil",), today=TODAY) == []
        assert person_edits.end_enrolments(tx, scope, person, ("pupil",), today=TODAY) == [(school, place)]
        assert person_edits.homeroom(tx, scope, klass) == (school, "7", "7 «Ә»")
        assert person_edits.homeroom(tx, beyond, klass) is None
        fresh = {"id": new_id(), "school_id": school, "class_id": klass, "person_id": person, "role": "pupil"}
        person_edits.add_enrolment(tx, scope, fresh)
        with pytest.raises(ValueError, match="scope"):
            person_edits.add_enrolment(tx, beyond, fresh)
        assert len(tx.connection.execute(select(Enrolment.id)).all()) == 2
        account = person_edits.account(tx, person, BEGINNING)
        assert (account.methods, account.open_sessions, account.photo_sha256) == ((), 0, "")
