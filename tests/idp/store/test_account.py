"""store/account: what a person sees of themselves."""

from idp.store import account
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person


def test_a_person_is_named_surname_first(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        person = add_person(tx, family_name="Оспанова", given_name="Айгерім", middle_name="Серікқызы")
        named = account.named(tx, person)
    assert named is not None
    assert named.name == "Оспанова Айгерім Серікқызы"
    assert set(named.words) == {"aigerim", "Оспанова", "Айгерім", "Серікқызы"}


def test_somebody_without_a_name_goes_by_the_username(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        named = account.named(tx, add_person(tx, "admin"))
    assert named is not None
    assert named.name == "admin"


def test_nobody_is_nobody(uow: UnitOfWork) -> None:
    with uow.read() as tx:
        assert account.named(tx, "0" * 32) is None
