"""Reading places and results, per pairwise subject, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from clients.kit.db import Database
from clients.kit.person import Person
from clients.textbooks import store
from clients.textbooks.books import shelf
from clients.textbooks.reading import answer_quiz, places_of, result_of, turn_to
from idp.core.clock import FixedClock

BOOK = shelf()["svet-i-ten"]
RIGHT = {f"q{n}": str(question.right) for n, question in enumerate(BOOK.quiz)}


def reader(sub: str = "aigerim", classes: tuple[str, ...] = ("c7",), role: str = "pupil", **claims: Any) -> Person:
    entries = [{"id": one, "title": one, "role": role} for one in classes]
    return Person(sub, "session", {"name": "Айгерім", "classes": entries} | claims)


def test_going_back_keeps_the_place_and_the_progress(client_database: Database, clock: FixedClock) -> None:
    for page in (1, 4, 2):
        turn_to(client_database, reader(), BOOK, page, clock.now())
    place = places_of(client_database, "aigerim")[BOOK.slug]
    assert (place.page, place.furthest, place.read_at) == (2, 4, clock.now())


def test_readers_do_not_share_places(client_database: Database, clock: FixedClock) -> None:
    turn_to(client_database, reader("one"), BOOK, 3, clock.now())
    assert places_of(client_database, "two") == {}


def test_first_pages_opened_at_once_are_all_kept(client_database: Database, clock: FixedClock) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda page: turn_to(client_database, reader(), BOOK, page, clock.now()), [1, 2, 3, 4, 5, 1]))
    assert places_of(client_database, "aigerim")[BOOK.slug].furthest == 5


def test_the_best_result_stays(client_database: Database, clock: FixedClock) -> None:
    assert answer_quiz(client_database, reader(), BOOK, RIGHT, clock.now()).right == len(BOOK.quiz)
    worse = answer_quiz(client_database, reader(), BOOK, {}, clock.now())
    assert (worse.right, worse.best, worse.tries) == (0, len(BOOK.quiz), 2)
    assert result_of(client_database, "aigerim", BOOK) == worse
    assert worse.answers == (-1,) * len(BOOK.quiz)


@pytest.mark.parametrize("sent", ["9", "-1", "1.0", "", "x", "١", "999999999999", "0 "])
def test_an_answer_that_is_no_option_counts_as_open(client_database: Database, clock: FixedClock, sent: str) -> None:
    assert answer_quiz(client_database, reader(), BOOK, {"q0": sent}, clock.now()).answers[0] == -1


def test_classes_follow_the_claims(client_database: Database, clock: FixedClock) -> None:
    def classes() -> set[str]:
        with client_database.read() as connection:
            return set(connection.scalars(select(store.reader_classes.c.class_id)))

    turn_to(client_database, reader(classes=("c7", "choir")), BOOK, 1, clock.now())
    assert classes() == {"c7", "choir"}
    turn_to(client_database, reader(classes=("c8",)), BOOK, 1, clock.now())
    assert classes() == {"c8"}
    turn_to(client_database, reader(classes=()), BOOK, 1, clock.now())
    assert classes() == set()


def test_of_a_teacher_neither_name_nor_class_is_kept(client_database: Database, clock: FixedClock) -> None:
    turn_to(client_database, reader("marat", role="teacher"), BOOK, 1, clock.now())
    with client_database.read() as connection:
        assert connection.scalars(select(store.readers.c.name)).all() == [""]
        assert connection.scalars(select(store.reader_classes.c.class_id)).all() == []
