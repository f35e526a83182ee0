"""Courses are classes of the sign-in's word: who has which, and which pupils have entered them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, delete, insert, select

from clients.kit.db import Database, upsert
from clients.kit.person import Person, SchoolClass
from clients.lms import store
from idp.core.errors import NotFound


def taught(person: Person, course_id: str) -> SchoolClass | None:
    return next((entry for entry in person.taught_classes if entry.id == course_id), None)


def learnt(person: Person, course_id: str) -> SchoolClass | None:
    return next((entry for entry in person.own_classes if entry.id == course_id), None)


def taught_course(person: Person, course_id: str) -> SchoolClass:
    """Raises NotFound for a course that is not this teacher's: whether it exists is nobody's business."""
    found = taught(person, course_id)
    if found is None:
        raise NotFound("no such course")
    return found


def learnt_course(person: Person, course_id: str) -> SchoolClass:
    """Raises NotFound for a course that is not this pupil's."""
    found = learnt(person, course_id)
    if found is None:
        raise NotFound("no such course")
    return found


def enter(database: Database, person: Person, now: datetime) -> None:
    """Notes a pupil who signs in, and the courses they have now. Of others nothing is kept."""
    mine = {entry.id for entry in person.own_classes}
    if not mine:
        return
    kept = store.course_pupils.c
    with database.write() as connection:
        # First of all: the row's lock lets one sign-in of a pupil follow the other.
        upsert(connection, store.pupils, {"sub": person.sub, "name": person.name, "seen_at": now})
        stored = set(connection.scalars(select(kept.course_id).where(kept.sub == person.sub)))
        if stored - mine:
            gone = and_(kept.sub == person.sub, kept.course_id.in_(stored - mine))
            connection.execute(delete(store.course_pupils).where(gone))
        if mine - stored:
            rows = [{"sub": person.sub, "course_id": course_id} for course_id in sorted(mine - stored)]
            connection.execute(insert(store.course_pupils), rows)
