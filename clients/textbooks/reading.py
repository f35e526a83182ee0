"""Reading: the place is kept, the quiz is marked, and only for the pairwise `sub` that reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, insert, select

from clients.kit.db import Database, upsert
from clients.kit.person import Person
from clients.textbooks import store
from clients.textbooks.books import Book


@dataclass(frozen=True, slots=True)
class Place:
    page: int
    furthest: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    answers: tuple[int, ...]
    """The chosen option of each question, from 0; -1 for one left open."""
    right: int
    best: int
    tries: int
    answered_at: datetime


def turn_to(database: Database, person: Person, book: Book, page: int, now: datetime) -> Place:
    """Keeps that `person` is at `page` (from 1) and returns the place. Going back lowers no progress."""
    with database.write() as connection:
        _remember(connection, person, now)
        before = _row(connection, store.places, person.sub, book.slug)
        furthest = max(page, before["furthest"]) if before else page
        values = {"page": page, "furthest": furthest, "read_at": now}
        upsert(connection, store.places, {"sub": person.sub, "book": book.slug} | values)
    return Place(page, furthest, now)


def answer_quiz(database: Database, person: Person, book: Book, sent: Mapping[str, str], now: datetime) -> Result:
    """Marks the answers `q0`, `q1` … and keeps the last try and the best count."""
    answers = tuple(_chosen(sent.get(f"q{n}", ""), len(q.options)) for n, q in enumerate(book.quiz))
    right = sum(chosen == question.right for chosen, question in zip(answers, book.quiz, strict=True))
    with database.write() as connection:
        _remember(connection, person, now)
        before = _row(connection, store.results, person.sub, book.slug)
        best = max(right, before["best"]) if before else right
        tries = before["tries"] + 1 if before else 1
        values = {"answers": list(answers), "right": right, "best": best, "tries": tries, "answered_at": now}
        upsert(connection, store.results, {"sub": person.sub, "book": book.slug} | values)
    return Result(answers, right, best, tries, now)


def places_of(database: Database, sub: str) -> dict[str, Place]:
    """By book."""
    c = store.places.c
    with database.read() as connection:
        rows = connection.execute(select(store.places).where(c.sub == sub)).all()
    return {row.book: Place(row.page, row.furthest, row.read_at) for row in rows}


def result_of(database: Database, sub: str, book: Book) -> Result | None:
    with database.read() as connection:
        row = _row(connection, store.results, sub, book.slug)
    if row is None or len(row["answers"]) != len(book.quiz):
        return None
    return Result(tuple(row["answers"]), row["right"], row["best"], row["tries"], row["answered_at"])


def _chosen(text: str, options: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) < options else -1


def _remember(connection: Connection, person: Person, now: datetime) -> None:
    """Notes the reader and the classes in which they learn now; the classes where they teach are not kept."""
    name = person.name if person.own_classes else ""
    # First of all: the row's lock lets one page load of a reader follow the other.
    upsert(connection, store.readers, {"sub": person.sub, "name": name, "seen_at": now})
    mine = {entry.id for entry in person.own_classes}
    kept = store.reader_classes.c
    stored = set(connection.scalars(select(kept.class_id).where(kept.sub == person.sub)))
    if stored - mine:
        gone = and_(kept.sub == person.sub, kept.class_id.in_(stored - mine))
        connection.execute(delete(store.reader_classes).where(gone))
    if mine - stored:
        rows = [{"sub": person.sub, "class_id": class_id} for class_id in sorted(mine - stored)]
        connection.execute(insert(store.reader_classes), rows)


def _row(connection: Connection, table: Table, sub: str, book: str) -> Mapping[str, Any] | None:
    found = select(table).where(and_(table.c.sub == sub, table.c.book == book))
    row = connection.execute(found).mappings().one_or_none()
    return dict(row) if row is not None else None
