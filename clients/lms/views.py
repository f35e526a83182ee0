"""Pages that everybody opens at the same address and sees by what they are in the course."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from clients.kit.access import current_person, just_signed_out, person, signed_in
from clients.kit.kit import kit
from clients.kit.person import Person
from clients.lms import assignments, courses, learning, teaching, works
from idp.core.clock import local_date

bp = Blueprint("lms", __name__)
_IN_COURSES = frozenset(("pupil", "teacher", "class_teacher"))


@bp.get("/")
def home() -> ResponseReturnValue:
    """A pupil's open assignments before all else, then the courses."""
    found = current_person()
    if found is None:
        partly = request.args.get("signed_out", "") in ("here", "partly")
        return render_template("lms/welcome.html", signed_out=just_signed_out(), partly=partly)
    if not found.own_classes and not found.taught_classes:
        # Without roles nobody knows: a school may withhold them.
        expected = not found.roles or not _IN_COURSES.isdisjoint(found.roles)
        return render_template("lms/no_courses.html", expected=expected)
    return _courses(found)


def _courses(found: Person) -> ResponseReturnValue:
    database, today = kit().database, local_date(kit().clock.now())
    own_ids = [course.id for course in found.own_classes]
    tasks = works.tasks(database, own_ids, found.sub) if own_ids else []
    taught_ids = [course.id for course in found.taught_classes]
    counted = assignments.of_courses(database, taught_ids) if taught_ids else []
    return render_template(
        "lms/home.html",
        today=today,
        courses={course.id: course for course in found.own_classes},
        open_tasks=[task for task in tasks if task.is_open],
        tasks=tasks,
        taught=found.taught_classes,
        counted=counted,
    )


@bp.get("/courses/<course_id>")
@signed_in
def course(course_id: str) -> ResponseReturnValue:
    found = courses.taught(person(), course_id)
    if found is not None:
        return teaching.course_page(found)
    return learning.course_page(courses.learnt_course(person(), course_id))


@bp.get("/assignments/<assignment_id>")
@signed_in
def assignment(assignment_id: str) -> ResponseReturnValue:
    found = assignments.find(kit().database, assignment_id)
    course = courses.taught(person(), found.course_id)
    if course is not None:
        return teaching.assignment_page(course, found)
    return learning.assignment_page(courses.learnt_course(person(), found.course_id), found)
