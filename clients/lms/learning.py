"""A pupil's pages: a course with what is to be done, an assignment with the own work and its mark."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clients.kit.access import person, signed_in
from clients.kit.kit import kit
from clients.kit.person import SchoolClass
from clients.lms import assignments, courses, works
from clients.lms.assignments import Assignment
from clients.lms.forms import WORK, WorkForm, work_form
from idp.core.clock import local_date

bp = Blueprint("learning", __name__)


def course_page(course: SchoolClass) -> ResponseReturnValue:
    tasks = works.tasks(kit().database, [course.id], person().sub)
    today = local_date(kit().clock.now())
    return render_template("lms/pupil_course.html", course=course, tasks=tasks, today=today)


def assignment_page(
    course: SchoolClass, assignment: Assignment, form: WorkForm | None = None, *, is_too_late: bool = False
) -> ResponseReturnValue:
    """`form` is what was sent and not taken: with mistakes, or `is_too_late` because a mark was there already."""
    work = works.own(kit().database, assignment.id, person().sub)
    page = render_template(
        "lms/pupil_assignment.html",
        course=course,
        assignment=assignment,
        work=work,
        form=form or WorkForm(work.text if work is not None else ""),
        today=local_date(kit().clock.now()),
        is_too_late=is_too_late,
        is_replacing="replace" in request.args or (form is not None and not is_too_late),
        most=WORK,
    )
    return page, 409 if is_too_late else 400 if form is not None else 200


@bp.post("/assignments/<assignment_id>/work")
@signed_in
def hand_in(assignment_id: str) -> ResponseReturnValue:
    found = assignments.find(kit().database, assignment_id)
    course = courses.learnt_course(person(), found.course_id)
    form = work_form(request.form)
    if form.mistakes:
        return assignment_page(course, found, form)
    if not works.hand_in(kit().database, found, person().sub, form.text, kit().clock.now()):
        return assignment_page(course, found, form, is_too_late=True)
    return redirect(f"/assignments/{assignment_id}?done=handed", 303)
