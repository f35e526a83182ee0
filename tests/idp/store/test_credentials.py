"""store/credentials: one of a kind for each person."""

from idp.core.clock import FixedClock
from idp.store import credentials
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def test_a_new_credential_replaces_the_old_one_of_its_method_only(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        credentials.replace(tx, "passkey", [(person, {"k": 1})], must_change=False, now=clock.now())
        credentials.replace(tx, "password", [(person, {"hash": "a"})], must_change=True, now=clock.now())
        first = credentials.by_person(tx, person, "password")
        credentials.replace(tx, "password", [(person, {"hash": "b"})], must_change=False, now=clock.now())
        second = credentials.by_username(tx, "aigerim", "password")
        assert first is not None
        assert second is not None
        assert (first.must_change, second.must_change) == (True, False)
        assert second.data == {"hash": "b"}
        assert not credentials.is_current(tx, first.id)
        assert credentials.is_current(tx, second.id)
        assert credentials.by_person(tx, person, "passkey") is not None


def test_replacing_for_nobody_does_nothing(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        credentials.replace(tx, "password", [], must_change=True, now=clock.now())
        assert credentials.by_username(tx, "aigerim", "password") is None


def test_use_is_noted_only_of_a_credential_that_still_stands(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        credentials.replace(tx, "password", [(person, {"hash": "a"})], must_change=False, now=clock.now())
        first = credentials.by_person(tx, person, "password")
        assert first is not None
        assert credentials.used(tx, first.id, now=clock.now())
        credentials.replace(tx, "password", [(person, {"hash": "b"})], must_change=False, now=clock.now())
        assert not credentials.used(tx, first.id, now=clock.now())


def test_data_changes_while_the_credential_stays(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person = add_person(tx)
        added = credentials.add(tx, person, "eds", {"names": {}}, now=clock.now())
        credentials.keep(tx, added, {"names": {"family_name": "Серікова"}})
        row = credentials.by_person(tx, person, "eds")
    assert row is not None
    assert (row.id, row.data, row.must_change) == (added, {"names": {"family_name": "Серікова"}}, False)
