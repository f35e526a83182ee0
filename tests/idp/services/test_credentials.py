"""services/credentials: a person's own password, and what methods may read."""

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import Denied, TooSoon
from idp.methods.password import hash_password, verify
from idp.services.credentials import Credentials, StoredCredentials
from idp.services.throttle import Limits, Throttle
from idp.store import account, credentials
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person

HASH = hash_password("тау мен көл")


@pytest.fixture
def person(uow: UnitOfWork, clock: FixedClock) -> account.Named:
    with uow.write() as tx:
        person_id = add_person(tx)
        credentials.replace(tx, "password", [(person_id, {"hash": HASH})], must_change=False, now=clock.now())
        named = account.named(tx, person_id)
    assert named is not None
    return named


def _throttle(uow: UnitOfWork, clock: FixedClock) -> Throttle:
    return Throttle(uow, clock, b"k" * 32, Limits(account_and_place=2))


def _hash_of(uow: UnitOfWork, person: account.Named) -> str:
    with uow.read() as tx:
        row = credentials.by_person(tx, person.id, "password")
    assert row is not None
    return str(row.data["hash"])


def test_the_old_password_is_needed(uow: UnitOfWork, clock: FixedClock, person: account.Named) -> None:
    service, throttle = Credentials(uow, clock), _throttle(uow, clock)
    with pytest.raises(Denied):
        service.change_password(person, "wrong", "өзен мен орман", place="10.0.0.1", throttle=throttle)
    assert _hash_of(uow, person) == HASH
    service.change_password(person, "тау мен көл", "өзен мен орман", place="10.0.0.1", throttle=throttle)
    assert verify(_hash_of(uow, person), "өзен мен орман")


def test_guessing_the_old_password_is_slowed(uow: UnitOfWork, clock: FixedClock, person: account.Named) -> None:
    service, throttle = Credentials(uow, clock), _throttle(uow, clock)
    for _ in range(2):
        with pytest.raises(Denied):
            service.change_password(person, "wrong", "өзен мен орман", place="10.0.0.1", throttle=throttle)
    with pytest.raises(TooSoon):
        service.change_password(person, "тау мен көл", "өзен мен орман", place="10.0.0.1", throttle=throttle)


def test_a_change_is_audited_without_the_password(uow: UnitOfWork, clock: FixedClock, person: account.Named) -> None:
    throttle = _throttle(uow, clock)
    Credentials(uow, clock).change_password(person, "тау мен көл", "өзен мен орман", place="x", throttle=throttle)
    with uow.read() as tx:
        event, data = tx.connection.execute(select(AuditEvent.event, AuditEvent.data)).one()
    assert event == "password_changed"
    assert "орман" not in str(data)


def test_methods_read_credentials_of_active_people_only(
    uow: UnitOfWork, clock: FixedClock, person: account.Named
) -> None:
    stored = StoredCredentials(uow)
    assert stored.by_username("aigerim", "password") is not None
    assert stored.by_username("aigerim", "passkey") is None
    with uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE people SET status='blocked'")
    assert stored.by_username("aigerim", "password") is None
