"""A teacher sees the readers of the own classes, and of no other."""

from __future__ import annotations

import pytest

from clients.kit.db import Database
from clients.kit.person import Person
from clients.textbooks.books import shelf
from clients.textbooks.classes import reader_counts, readers_of, taught_class
from clients.textbooks.reading import answer_quiz, turn_to
from idp.core.clock import FixedClock
from idp.core.errors import NotFound

BOOK = shelf()["svet-i-ten"]
OTHER = shelf()["sandar-men-pishinder"]


def pupil(sub: str, name: str, class_id: str) -> Person:
    return Person(sub, "s", {"name": name, "classes": [{"id": class_id, "title": class_id, "role": "pupil"}]})


def teacher(*classes: str, role: str = "teacher") -> Person:
    entries = [{"id": one, "title": one, "role": role} for one in classes]
    return Person("marat", "s", {"roles": [{"role": "teacher"}], "classes": entries})


@pytest.fixture
def read(client_database: Database, clock: FixedClock) -> Database:
    turn_to(client_database, pupil("1", "Яна", "c7"), BOOK, 5, clock.now())
    turn_to(client_database, pupil("2", "Іңкәр", "c7"), BOOK, 1, clock.now())
    turn_to(client_database, pupil("3", "Әлия", "c7"), BOOK, 2, clock.now())
    turn_to(client_database, pupil("4", "", "c7"), BOOK, 2, clock.now())
    turn_to(client_database, pupil("5", "Диас", "c8"), BOOK, 2, clock.now())
    answer_quiz(client_database, pupil("3", "Әлия", "c7"), BOOK, {"q0": "1"}, clock.now())
    return client_database


def test_readers_of_the_class_come_in_kazakh_order(read: Database) -> None:
    found = readers_of(read, teacher("c7"), "c7", BOOK)
    assert [(one.name, one.percent, one.best) for one in found] == [
        ("Әлия", 40, 1),
        ("Іңкәр", 20, None),
        ("Яна", 100, None),
        ("", 40, None),
    ]


def test_a_book_nobody_opened_has_no_readers(read: Database) -> None:
    assert readers_of(read, teacher("c7"), "c7", OTHER) == []


def test_a_class_outside_the_claims_does_not_exist(read: Database) -> None:
    for somebody in (teacher("c7"), teacher("c8", role="pupil"), Person("x", "s", {}), pupil("3", "Әлия", "c8")):
        with pytest.raises(NotFound):
            readers_of(read, somebody, "c8", BOOK)
        with pytest.raises(NotFound):
            taught_class(somebody, "c8")


def test_counts_are_of_the_taught_classes_only(read: Database) -> None:
    assert reader_counts(read, teacher("c7", "c9")) == {"c7": 4, "c9": 0}
