"""Words that people are found by: folded words of every name and username, kept by whoever writes a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, tuple_

from idp.core.names import search_beginnings, search_words
from idp.store.bulk import add_rows
from idp.store.models.people import Person, PersonWord
from idp.store.session import Tx

_GROUP = 500
_AFTER = "\uffff"


def add(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
    """Words of people just added; rows with the columns of `people`."""
    pairs = (
        (word, row["id"])
        for row in rows
        for word in search_words(
            row.get("family_name", ""), row.get("given_name", ""), row.get("middle_name", ""), row["username"]
        )
    )
    add_rows(tx, PersonWord, [{"word": word, "person_id": person_id} for word, person_id in pairs])


def renew(tx: Tx, people: Sequence[str]) -> None:
    """Makes the words of these people those of their names; for whoever changed some."""
    for start in range(0, len(people), _GROUP):
        _renew(tx, people[start : start + _GROUP])


def _renew(tx: Tx, people: Sequence[str]) -> None:
    names = select(Person.id, Person.family_name, Person.given_name, Person.middle_name, Person.username)
    wanted = {
        (word, row[0])
        for row in tx.connection.execute(names.where(Person.id.in_(people), Person.status != "erased"))
        for word in search_words(*row[1:])
    }
    stored = select(PersonWord.word, PersonWord.person_id).where(PersonWord.person_id.in_(people))
    there = {(row[0], row[1]) for row in tx.connection.execute(stored)}
    if gone := sorted(there - wanted):
        tx.connection.execute(delete(PersonWord).where(tuple_(PersonWord.word, PersonWord.person_id).in_(gone)))
    fresh = sorted(wanted - there)
    add_rows(tx, PersonWord, [{"word": word, "person_id": person_id} for word, person_id in fresh])


def without(tx: Tx, *, after: str, limit: int) -> list[str]:
    """Ids of people who have no word, the next ones after an id."""
    has_word = select(PersonWord.word).where(PersonWord.person_id == Person.id)
    query = select(Person.id).where(Person.id > after, Person.status != "erased", ~has_word.exists())
    return list(tx.connection.execute(query.order_by(Person.id).limit(limit)).scalars())


def found(typed: str) -> Iterator[ColumnElement[bool]]:
    """Conditions on `Person.id`, one for each typed word, all of which must hold; none when nothing was typed.

    Each is a range of the index over words.
    """
    for word in search_words(typed):
        ranges = [
            and_(PersonWord.word >= beginning, PersonWord.word < beginning + _AFTER)
            for beginning in search_beginnings(word)
        ]
        yield Person.id.in_(select(PersonWord.person_id).where(or_(*ranges)))
