"""store/credentials: one of a kind for each person."""

import pytest
from sqlalchemy.exc import IntegrityError

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


def test_a_counter_only_goes_up_and_zero_follows_zero_where_nothing_counts(uow: UnitOfWork, clock: FixedClock) -> None:
    now = clock.now()
    with uow.write() as tx:
        person = add_person(tx)
        made = credentials.add(tx, person, "totp", {}, now=now)
        assert credentials.raise_counter(tx, made, 7, now=now)
        assert not credentials.raise_counter(tx, made, 7, now=now)
        assert not credentials.raise_counter(tx, made, 0, from_zero=True, now=now)
        still = credentials.add(tx, person, "passkey", {}, now=now, counter=0, handle="h", label="Телефон")
        assert credentials.raise_counter(tx, still, 0, from_zero=True, now=now)
        assert not credentials.raise_counter(tx, still, 0, now=now)
        found = credentials.by_handle(tx, "h", "passkey")
        assert found is not None
        assert (found.id, found.label, found.last_used_at) == (still, "Телефон", now)
        assert credentials.by_handle(tx, "", "totp") is None


def test_a_handle_is_one_persons_for_ever_and_without_one_nothing_clashes(uow: UnitOfWork, clock: FixedClock) -> None:
    now = clock.now()
    with uow.write() as tx:
        person, gone = add_person(tx), add_person(tx, "saule", status="ended")
        credentials.add(tx, gone, "passkey", {}, now=now, handle="h")
        assert credentials.by_handle(tx, "h", "passkey") is None
        assert credentials.is_taken(tx, "h", "passkey"), "also of who may not sign in"
        assert not credentials.is_taken(tx, "h", "totp")
        for _ in range(2):
            credentials.add(tx, person, "recovery", {}, now=now)
        with pytest.raises(IntegrityError), tx.connection.begin_nested():
            credentials.add(tx, person, "passkey", {}, now=now, handle="h")


def test_a_credential_is_taken_away_and_renamed_by_its_owner_alone(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        person, other = add_person(tx), add_person(tx, "saule")
        made = [credentials.add(tx, person, "recovery", {}, now=clock.now()) for _ in range(3)]
        assert not credentials.remove(tx, other, made[0])
        assert not credentials.rename(tx, other, made[0], "x")
        assert credentials.rename(tx, person, made[0], "x")
        assert sorted(row.label for row in credentials.of_person(tx, person, "recovery")) == ["", "", "x"]
        assert credentials.remove(tx, person, made[0])
        assert not credentials.remove(tx, person, made[0])
        assert credentials.methods_of(tx, person) == {"recovery": 2}
        assert credentials.remove_all(tx, person, ("recovery", "totp")) == 2
        assert credentials.of_person(tx, person) == []
