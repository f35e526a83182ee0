"""Adding one person by hand."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from idp.core.clock import FixedClock
from idp.core.errors import BilimError
from idp.services.claims_input import read_claims
from idp.services.people import People
from idp.services.sessions import Sessions
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Credential, Membership, Person
from idp.store.session import UnitOfWork
from tests.factories.rows import add_school


@pytest.fixture
def people(uow: UnitOfWork, clock: FixedClock) -> People:
    return People(uow, clock, lambda text: f"hash of {len(text)}")


def test_a_person_gets_a_password_and_a_role(people: People, uow: UnitOfWork) -> None:
    with uow.write() as tx:
        school = add_school(tx, identifier="900012")
    claims = read_claims({"given_name": "Сәуле", "family_name": "Омарова", "nickname": "С"})
    added = people.add(username="Saule", password="secret word", role="director", school="900012", claims=claims)
    with uow.read() as tx:
        person = tx.connection.execute(select(Person)).one()
        membership = tx.connection.execute(select(Membership)).one()
        credential = tx.connection.execute(select(Credential)).one()
        events = tx.connection.execute(select(AuditEvent.event)).scalars().all()
    assert (person.id, person.username, person.family_name, person.claims) == (
        added, "saule", "Омарова", {"nickname": "С"},
    )  # fmt: skip
    assert (membership.school_id, membership.role, membership.person_id) == (school, "director", added)
    assert (credential.data, credential.must_change) == ({"hash": "hash of 11"}, False)
    assert events == ["person_added"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"username": "a b"}, "username_invalid"), ({"username": "taken"}, "username_taken"),
     ({"role": "king"}, "role_unknown"), ({"school": "nowhere"}, "school_unknown"),
     ({"password": ""}, "password_length"),
     ({"password": "x" * 257}, "password_length")],
)  # fmt: skip
def test_what_cannot_be_adds_nobody(people: People, uow: UnitOfWork, changed: dict[str, str], code: str) -> None:
    with uow.write() as tx:
        add_school(tx, identifier="900012")
    people.add(username="taken", password="x", role="teacher", school="900012")
    fields = {"username": "new", "password": "x", "role": "teacher", "school": "900012"} | changed
    with pytest.raises(BilimError) as refused:
        people.add(**fields)  # type: ignore[arg-type]
    assert refused.value.code == code
    with uow.read() as tx:
        assert tx.connection.execute(select(func.count(Person.id))).scalar_one() == 1


def test_a_role_given_after_midnight_holds_at_once(people: People, uow: UnitOfWork, clock: FixedClock) -> None:
    """In Almaty it is the next day already, in UTC it is not."""
    with uow.write() as tx:
        add_school(tx, identifier="900012")
    clock.moment = clock.moment.replace(hour=20)
    added = people.add(username="saule", password="secret word", role="director", school="900012")
    assert Sessions(uow, clock).role_of(added) == "director"
