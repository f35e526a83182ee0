"""Handing in and marking on both kinds of database, also when two do it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from clients.kit.backup import back_up, restore
from clients.kit.db import Database
from clients.kit.person import Person
from clients.lms import assignments, courses, store, works
from clients.lms.forms import AssignmentForm, MarkForm
from idp.core.clock import FixedClock
from idp.core.ids import new_id


def pupil(sub: str, name: str, *course_ids: str) -> Person:
    classes = [{"id": course_id, "title": course_id, "role": "pupil"} for course_id in course_ids]
    return Person(sub, "", {"name": name, "classes": classes})


def test_works_are_replaced_until_marked_and_listed_by_what_waits(
    lms_database: Database, clock: FixedClock, tmp_path: Path
) -> None:
    now = clock.now()
    for one in (pupil("a", "Әлия", "c7"), pupil("b", "Бота", "c7"), pupil("c", "Вера", "c8"), pupil("d", "Ән", "c7")):
        courses.enter(lms_database, one, now)
    courses.enter(lms_database, Person("teacher", "", {"name": "Марат"}), now)
    form = AssignmentForm("Эссе", "", "2026-12-01")
    found = assignments.find(lms_database, assignments.add(lms_database, "c7", "t", form, new_id(), now))

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: works.hand_in(lms_database, found, "a", f"text {n}", now), range(4)))
    assert done == [True] * 4
    assert works.hand_in(lms_database, found, "b", "text", now)
    mine = works.own(lms_database, found.id, "a")
    assert mine is not None
    assert mine.version == 4

    assert not works.mark(lms_database, mine, MarkForm(5, "", 3), "t", now), "another text than the teacher read"
    assert works.mark(lms_database, mine, MarkForm(9, "good", 4), "t", now)
    assert not works.hand_in(lms_database, found, "a", "too late", now)
    listed = works.handed_in(lms_database, found)
    assert [one.name for one in listed] == ["Бота", "Әлия", "Ән"]
    assert [one.work.mark if one.work else "none" for one in listed] == [None, 9, "none"]
    assert [(one.handed_in, one.unmarked) for one in assignments.of_courses(lms_database, ["c7"])] == [(2, 1)]
    assert not assignments.remove(lms_database, found)

    courses.enter(lms_database, pupil("a", "Әлия", "c8"), now)
    assert [one.name for one in works.handed_in(lms_database, found)] == ["Бота", "Әлия", "Ән"], "the work stays"

    counts = back_up(lms_database, "lms", store.KEPT, tmp_path / "backup")
    assert counts == {"pupils": 4, "course_pupils": 4, "assignments": 1, "works": 2}
    assert restore(lms_database, "lms", store.KEPT, tmp_path / "backup") == counts
    assert works.own(lms_database, found.id, "a") == works.find(lms_database, mine.id)[0]
