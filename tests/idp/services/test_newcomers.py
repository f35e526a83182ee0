"""A person added by hand in the console."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from idp.core.errors import Denied
from idp.core.scope import Scope
from idp.services.person_form import Mistakes
from idp.store import people
from idp.store.models.audit import Change
from idp.store.models.people import Enrolment, Membership, Person
from tests.factories.console import Console
from tests.idp.services.test_rank import actor

IIN = "130517600019"
ASEL = {"family_name": "Тілеуова", "given_name": "Әсел", "language": "kk"}


def test_a_newcomer_has_a_username_a_place_and_no_password(console: Console) -> None:
    newcomers, scope = console.parts.newcomers, Scope("", "secretary", (console.school,))
    secretary = actor(console, "secretary")
    form = {**ASEL, "iin": IIN, "role": "pupil", "class": console.klass, "ticket": "t1"}
    person = newcomers.add(secretary, scope, form)
    assert newcomers.add(secretary, scope, form) == person
    with console.parts.uow.read() as tx:
        row = tx.session.scalars(select(Person).where(Person.id == person)).one()
        assert (row.username, str(row.birth_date), row.sex) == ("asel.tileuova", "2013-05-17", "female")
        held = tx.session.scalars(select(Membership).where(Membership.person_id == person)).one()
        assert (held.role, held.grade, held.school_id) == ("pupil", "7", console.school)
        place = tx.session.scalars(select(Enrolment).where(Enrolment.person_id == person)).one()
        assert place.class_id == console.klass
        told = set(tx.connection.execute(select(Change.record_id)).scalars())
        assert {person, held.id, place.id} <= told
    staff = newcomers.add(secretary, scope, {"given_name": "Сұлтан", "language": "kk", "role": "guard", "ticket": "t2"})
    assert staff != person


def test_what_clashes_is_told_and_changes_nothing(console: Console) -> None:
    newcomers, vault = console.parts.newcomers, console.parts.iin_vault
    scope, secretary = Scope("", "secretary", (console.school,)), actor(console, "secretary")
    pupil, other = console.people["pupil"], console.people["other_pupil"]
    form = {**ASEL, "role": "pupil", "class": console.klass}

    def mistakes(**changed: str) -> tuple[dict[str, str], str]:
        with pytest.raises(Mistakes) as caught:
            newcomers.add(secretary, scope, form | changed)
        return dict(caught.value.fields), caught.value.person_id

    for holder, expected in ((pupil, ({"iin": "iin_taken"}, pupil)), (other, ({"iin": "iin_elsewhere"}, ""))):
        with console.parts.uow.write() as tx:
            people.set_iin(tx, [(holder, vault.lookup(IIN), vault.seal(holder, IIN))])
        assert mistakes(iin=IIN) == expected
        with console.parts.uow.write() as tx:
            tx.connection.exec_driver_sql("UPDATE people SET iin_lookup = NULL, iin_sealed = NULL")
    assert mistakes(**{"class": console.other_klass}) == ({"class": "class"}, "")
    assert mistakes(**{"class": ""}) == ({"class": "class"}, "")
    assert mistakes(role="guard") == ({"class": "class"}, "")
    twin = {"family_name": "СЕРІКОВА", "given_name": "айгерім", "middle_name": "Болатқызы", "birth_date": "2013-05-17"}
    assert mistakes(**twin) == ({"twin": "twin"}, pupil)
    assert newcomers.add(secretary, scope, form | twin | {"twin": "1"})
    for role in ("director", "operator", "guardian", "x"):
        with pytest.raises(Denied):
            newcomers.add(secretary, scope, {**ASEL, "role": role})
