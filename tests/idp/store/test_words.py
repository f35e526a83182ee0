"""Words that people are found by."""

from __future__ import annotations

from sqlalchemy import select, update

from idp.core.names import search_key, sort_key
from idp.store import words
from idp.store.models.people import Person, PersonWord
from idp.store.session import Tx, UnitOfWork
from tests.factories.rows import BEGINNING, add_person


def _found(tx: Tx, typed: str) -> list[str]:
    return list(tx.connection.execute(select(Person.username).where(*words.found(typed))).scalars())


def test_words_come_with_a_person_change_with_the_names_and_go_when_they_are_erased(uow: UnitOfWork) -> None:
    parts = ("Серікова", "Айгерім", "")
    row = {
        "id": "p1", "username": "aigerim.s", "family_name": parts[0], "given_name": parts[1],
        "sort_key": sort_key(*parts), "search_key": search_key(*parts), "created_at": BEGINNING,
        "updated_at": BEGINNING,
    }  # fmt: skip
    with uow.write() as tx:
        tx.session.add(Person(**row))
        tx.session.flush()
        words.add(tx, [row])
        assert set(tx.connection.execute(select(PersonWord.word)).scalars()) == {"serikova", "aigerim", "s"}
        assert _found(tx, "Serik aig") == _found(tx, "айгерим") == _found(tx, "") == ["aigerim.s"]
        assert _found(tx, "serikova omar") == []
        tx.connection.execute(update(Person).values(family_name="Омарова"))
        words.renew(tx, ["p1"])
        assert (_found(tx, "Omarov"), _found(tx, "Serikova")) == (["aigerim.s"], [])
        tx.connection.execute(update(Person).values(status="erased"))
        words.renew(tx, ["p1"])
        assert tx.connection.execute(select(PersonWord.word)).first() is None


def test_who_has_no_words_is_found_in_batches(uow: UnitOfWork) -> None:
    with uow.write() as tx:
        ids = sorted(add_person(tx, f"p{n}") for n in range(3))
        words.renew(tx, ids[:1])
        assert words.without(tx, after="", limit=1) == [ids[1]]
        assert words.without(tx, after=ids[1], limit=5) == [ids[2]]
