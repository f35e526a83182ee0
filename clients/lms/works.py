"""What pupils hand in: once for each assignment, replaceable until it is marked; and the teacher's mark and remark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from clients.kit.db import Database
from clients.lms import store
from clients.lms.assignments import Assignment, assignment_of, is_id
from clients.lms.forms import MarkForm
from idp.core.clock import local_date
from idp.core.errors import NotFound
from idp.core.ids import new_id
from idp.core.names import sort_key


@dataclass(frozen=True, slots=True)
class Work:
    id: str
    assignment_id: str
    sub: str
    text: str
    version: int
    handed_in_at: datetime
    mark: int | None
    remark: str
    marked_at: datetime | None

    def is_late(self, due_on: date) -> bool:
        return local_date(self.handed_in_at) > due_on


@dataclass(frozen=True, slots=True)
class Handed:
    """A pupil of a course, and the work, if there is one."""

    name: str
    """Empty when displayName is not released to us."""
    work: Work | None


@dataclass(frozen=True, slots=True)
class Task:
    """An assignment as its pupil sees it."""

    assignment: Assignment
    work: Work | None

    @property
    def is_open(self) -> bool:
        return self.work is None


def hand_in(database: Database, assignment: Assignment, sub: str, text: str, now: datetime) -> bool:
    """False when it is marked already: then nothing is changed. The same text once more changes nothing either."""
    w = store.works.c
    mine = and_(w.assignment_id == assignment.id, w.sub == sub)
    row = {"id": new_id(), "assignment_id": assignment.id, "sub": sub, "version": 1, "remark": ""}
    try:
        with database.write() as connection:
            # Two first hand-ins at once: the second one meets the constraint and becomes a replacement.
            connection.execute(insert(store.works).values(row | {"text": text, "handed_in_at": now}))
            return True
    except IntegrityError:
        pass
    newer = {"text": text, "handed_in_at": now, "version": w.version + 1}
    with database.write() as connection:
        connection.execute(update(store.works).where(mine, w.mark.is_(None), w.text != text).values(newer))
        found = connection.execute(select(w.mark, w.text).where(mine)).one_or_none()
    if found is None:
        raise NotFound("no such assignment")  # removed at this very moment
    return found.mark is None or found.text == text


def mark(database: Database, work: Work, form: MarkForm, sub: str, now: datetime) -> bool:
    """False when the pupil has replaced the text that the teacher read: then nothing is changed."""
    values = {"mark": form.mark, "remark": form.remark, "marked_by": sub, "marked_at": now}
    w = store.works.c
    with database.write() as connection:
        done = update(store.works).where(w.id == work.id, w.version == form.version).values(values)
        return connection.execute(done).rowcount == 1


def find(database: Database, work_id: str) -> tuple[Work, Assignment, str]:
    """The work, its assignment and the pupil's name. Raises NotFound; who may see it, the course decides."""
    if not is_id(work_id):
        raise NotFound("no such work")
    w, a = store.works.c, store.assignments.c
    with database.read() as connection:
        row = connection.execute(select(store.works).where(w.id == work_id)).one_or_none()
        if row is None:
            raise NotFound("no such work")
        assignment = connection.execute(select(store.assignments).where(a.id == row.assignment_id)).one()
        name = connection.scalar(select(store.pupils.c.name).where(store.pupils.c.sub == row.sub))
    return _work(row), assignment_of(assignment), name or ""


def own(database: Database, assignment_id: str, sub: str) -> Work | None:
    w = store.works.c
    with database.read() as connection:
        found = select(store.works).where(w.assignment_id == assignment_id, w.sub == sub)
        row = connection.execute(found).one_or_none()
    return _work(row) if row is not None else None


def handed_in(database: Database, assignment: Assignment) -> list[Handed]:
    """Pupils who have entered the course or handed in: what waits for a mark first, then by the Kazakh alphabet."""
    w, p, c = store.works.c, store.pupils.c, store.course_pupils.c
    of_course = and_(c.sub == p.sub, c.course_id == assignment.course_id)
    of_assignment = and_(w.sub == p.sub, w.assignment_id == assignment.id)
    wanted = (
        select(p.name, *store.works.c)
        .select_from(store.pupils)
        .outerjoin(store.course_pupils, of_course)
        .outerjoin(store.works, of_assignment)
        .where(or_(c.sub.is_not(None), w.id.is_not(None)))
    )
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    found = [Handed(row.name, _work(row) if row.id is not None else None) for row in rows]
    return sorted(found, key=lambda one: (_place(one.work), not one.name, sort_key(one.name)))


def tasks(database: Database, course_ids: Sequence[str], sub: str) -> list[Task]:
    """A pupil's assignments: open ones first, by the day they are due; then the others, the newest first."""
    a, w = store.assignments.c, store.works.c
    with database.read() as connection:
        rows = connection.execute(select(store.assignments).where(a.course_id.in_(course_ids))).all()
        mine = connection.execute(select(store.works).where(w.sub == sub)).all()
    works = {row.assignment_id: _work(row) for row in mine}
    found = sorted(
        (Task(assignment_of(row), works.get(row.id)) for row in rows), key=lambda task: task.assignment.due_on
    )
    done = sorted((task for task in found if not task.is_open), key=lambda task: _moment(task.work), reverse=True)
    return [*(task for task in found if task.is_open), *done]


def _moment(work: Work | None) -> str:
    return (work.marked_at or work.handed_in_at).isoformat() if work is not None else ""


def _place(work: Work | None) -> int:
    if work is None:
        return 2
    return 0 if work.mark is None else 1


def _work(row: Row[Any]) -> Work:
    return Work(
        row.id, row.assignment_id, row.sub, row.text, row.version, row.handed_in_at, row.mark, row.remark, row.marked_at
    )  # fmt: skip
