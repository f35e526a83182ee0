"""Assignments of a course: added, changed and removed by its teachers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from clients.kit.db import Database
from clients.lms import store
from clients.lms.forms import AssignmentForm
from idp.core.errors import NotFound

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Assignment:
    id: str
    course_id: str
    title: str
    text: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Counted:
    """An assignment as its teacher's list shows it."""

    assignment: Assignment
    handed_in: int
    unmarked: int


def add(database: Database, course_id: str, sub: str, form: AssignmentForm, form_id: str, now: datetime) -> str:
    """Its id. `form_id` is the id the page was made with: the same form sent twice adds one assignment."""
    row = {"id": form_id, "course_id": course_id, "made_by": sub, "made_at": now, **_values(form)}
    try:
        with database.write() as connection:
            connection.execute(insert(store.assignments).values(row))
    except IntegrityError:
        if find(database, form_id).course_id != course_id:
            raise NotFound("no such course") from None
    return form_id


def change(database: Database, assignment: Assignment, form: AssignmentForm) -> None:
    c = store.assignments.c
    with database.write() as connection:
        connection.execute(update(store.assignments).where(c.id == assignment.id).values(_values(form)))


def remove(database: Database, assignment: Assignment) -> bool:
    """False when somebody has handed in: what pupils wrote is not thrown away."""
    c = store.assignments.c
    handed_in = exists().where(store.works.c.assignment_id == assignment.id)
    with database.write() as connection:
        gone = connection.execute(delete(store.assignments).where(c.id == assignment.id, ~handed_in)).rowcount
    return gone == 1 or not _is_there(database, assignment.id)


def is_id(text: str) -> bool:
    """Whether it can be an id of ours at all; anything may stand in an address."""
    return _ID.fullmatch(text) is not None


def find(database: Database, assignment_id: str) -> Assignment:
    """Raises NotFound. Whether the person may see it, its course decides."""
    if not is_id(assignment_id):
        raise NotFound("no such assignment")
    with database.read() as connection:
        row = connection.execute(
            select(store.assignments).where(store.assignments.c.id == assignment_id)
        ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("no such assignment")
    return assignment_of(row)


def of_courses(database: Database, course_ids: Sequence[str]) -> list[Counted]:
    """Of these courses, what is due last first."""
    a, w = store.assignments.c, store.works.c
    unmarked = func.count(w.id) - func.count(w.mark)
    wanted = (
        select(store.assignments, func.count(w.id).label("handed_in"), unmarked.label("unmarked"))
        .outerjoin(store.works, w.assignment_id == a.id)
        .where(a.course_id.in_(course_ids))
        .group_by(*store.assignments.c)
        .order_by(a.due_on.desc(), a.id.desc())
    )
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    return [Counted(assignment_of(row), row.handed_in, row.unmarked) for row in rows]


def assignment_of(row: Row[Any]) -> Assignment:
    return Assignment(row.id, row.course_id, row.title, row.text, date.fromisoformat(row.due_on))


def _values(form: AssignmentForm) -> dict[str, str]:
    return {"title": form.title, "text": form.text, "due_on": form.due_on}


def _is_there(database: Database, assignment_id: str) -> bool:
    try:
        find(database, assignment_id)
    except NotFound:
        return False
    return True
