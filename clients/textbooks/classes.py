"""A teacher's view: who of a class has opened a book. The class must be in the teacher's own fresh claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from clients.kit.db import Database
from clients.kit.person import Person, SchoolClass
from clients.textbooks import store
from clients.textbooks.books import Book
from idp.core.errors import NotFound
from idp.core.names import sort_key


@dataclass(frozen=True, slots=True)
class Reader:
    name: str
    """Empty when the name claim is not approved for this client."""
    percent: int
    best: int | None
    read_at: datetime


def taught_class(teacher: Person, class_id: str) -> SchoolClass:
    """Raises NotFound for a class that is not the teacher's: whether it exists is nobody's business."""
    for entry in teacher.taught_classes:
        if entry.id == class_id:
            return entry
    raise NotFound("no such class")


def readers_of(database: Database, teacher: Person, class_id: str, book: Book) -> list[Reader]:
    """Pupils of the class who have opened the book, in the order of the Kazakh alphabet."""
    taught_class(teacher, class_id)
    of_result = and_(store.results.c.sub == store.places.c.sub, store.results.c.book == store.places.c.book)
    wanted = (
        select(store.readers.c.name, store.places.c.furthest, store.places.c.read_at, store.results.c.best)
        .select_from(store.reader_classes)
        .join(store.readers, store.readers.c.sub == store.reader_classes.c.sub)
        .join(store.places, store.places.c.sub == store.readers.c.sub)
        .outerjoin(store.results, of_result)
        .where(and_(store.reader_classes.c.class_id == class_id, store.places.c.book == book.slug))
    )
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    found = [Reader(row.name, book.percent(row.furthest), row.best, row.read_at) for row in rows]
    return sorted(found, key=lambda reader: (not reader.name, sort_key(reader.name)))


def reader_counts(database: Database, teacher: Person) -> dict[str, int]:
    """How many pupils of each taught class have opened any book, by class id."""
    ids = [entry.id for entry in teacher.taught_classes]
    kept = store.reader_classes.c
    wanted = (
        select(kept.class_id, func.count(func.distinct(store.places.c.sub)))
        .join(store.places, store.places.c.sub == kept.sub)
        .where(kept.class_id.in_(ids))
        .group_by(kept.class_id)
    )
    with database.read() as connection:
        counted = {row[0]: int(row[1]) for row in connection.execute(wanted)}
    return {class_id: counted.get(class_id, 0) for class_id in ids}
