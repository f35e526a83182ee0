"""A teacher's pages: assignments of an own course, what pupils handed in, marks."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from clients.kit.access import person, signed_in
from clients.kit.kit import kit
from clients.kit.person import SchoolClass
from clients.lms import assignments, courses, works
from clients.lms.assignments import Assignment
from clients.lms.forms import REMARK, TEXT, TITLE, AssignmentForm, MarkForm, assignment_form, mark_form
from idp.core.clock import local_date
from idp.core.ids import new_id

bp = Blueprint("teaching", __name__)
_MOST = {"title": TITLE, "text": TEXT}


def course_page(course: SchoolClass) -> ResponseReturnValue:
    counted = assignments.of_courses(kit().database, [course.id])
    today = local_date(kit().clock.now())
    return render_template("lms/teacher_course.html", course=course, counted=counted, today=today)


def assignment_page(course: SchoolClass, assignment: Assignment) -> ResponseReturnValue:
    handed = works.handed_in(kit().database, assignment)
    return render_template("lms/teacher_assignment.html", course=course, assignment=assignment, handed=handed)


@bp.get("/courses/<course_id>/new")
@signed_in
def new(course_id: str) -> ResponseReturnValue:
    return _form(courses.taught_course(person(), course_id), AssignmentForm(), form_id=new_id())


@bp.post("/courses/<course_id>/new")
@signed_in
def add(course_id: str) -> ResponseReturnValue:
    course, now = courses.taught_course(person(), course_id), kit().clock.now()
    form = assignment_form(request.form, local_date(now))
    sent_id = request.form.get("form_id", "")
    form_id = sent_id if assignments.is_id(sent_id) else new_id()
    if form.mistakes:
        return _form(course, form, form_id=form_id)
    assignments.add(kit().database, course_id, person().sub, form, form_id, now)
    return redirect(f"/courses/{course_id}?done=added", 303)


@bp.get("/assignments/<assignment_id>/edit")
@signed_in
def edit(assignment_id: str) -> ResponseReturnValue:
    course, found = _own(assignment_id)
    form = AssignmentForm(found.title, found.text, found.due_on.isoformat())
    return _form(course, form, assignment=found)


@bp.post("/assignments/<assignment_id>/edit")
@signed_in
def change(assignment_id: str) -> ResponseReturnValue:
    course, found = _own(assignment_id)
    today = local_date(kit().clock.now())
    form = assignment_form(request.form, today, former_due=found.due_on.isoformat())
    if form.mistakes:
        return _form(course, form, assignment=found)
    assignments.change(kit().database, found, form)
    return redirect(f"/assignments/{assignment_id}?done=changed", 303)


@bp.get("/assignments/<assignment_id>/remove")
@signed_in
def ask_removal(assignment_id: str) -> ResponseReturnValue:
    course, found = _own(assignment_id)
    return render_template("lms/remove.html", course=course, assignment=found)


@bp.post("/assignments/<assignment_id>/remove")
@signed_in
def remove(assignment_id: str) -> ResponseReturnValue:
    _course, found = _own(assignment_id)
    if assignments.remove(kit().database, found):
        return redirect(f"/courses/{found.course_id}?done=removed", 303)
    return redirect(f"/assignments/{assignment_id}?done=kept", 303)


@bp.get("/works/<work_id>")
@signed_in
def work(work_id: str) -> ResponseReturnValue:
    found, assignment, name = works.find(kit().database, work_id)
    course = courses.taught_course(person(), assignment.course_id)
    form = MarkForm(found.mark, found.remark, found.version)
    return _work(course, assignment, found, name, form)


@bp.post("/works/<work_id>")
@signed_in
def mark(work_id: str) -> ResponseReturnValue:
    found, assignment, name = works.find(kit().database, work_id)
    course = courses.taught_course(person(), assignment.course_id)
    form = mark_form(request.form)
    if form.mistakes:
        return _work(course, assignment, found, name, form)
    if not works.mark(kit().database, found, form, person().sub, kit().clock.now()):
        found, assignment, name = works.find(kit().database, work_id)
        return _work(course, assignment, found, name, form, is_replaced=True)
    return redirect(f"/assignments/{assignment.id}?done=marked", 303)


def _own(assignment_id: str) -> tuple[SchoolClass, Assignment]:
    found = assignments.find(kit().database, assignment_id)
    return courses.taught_course(person(), found.course_id), found


def _form(
    course: SchoolClass, form: AssignmentForm, *, assignment: Assignment | None = None, form_id: str = ""
) -> ResponseReturnValue:
    page = render_template(
        "lms/assignment_form.html", course=course, form=form, assignment=assignment, form_id=form_id, most=_MOST
    )
    return page, 400 if form.mistakes else 200


def _work(
    course: SchoolClass,
    assignment: Assignment,
    found: works.Work,
    name: str,
    form: MarkForm,
    *,
    is_replaced: bool = False,
) -> ResponseReturnValue:
    page = render_template(
        "lms/work.html",
        course=course,
        assignment=assignment,
        work=found,
        name=name,
        form=form,
        is_replaced=is_replaced,
        most=REMARK,
    )
    return page, 409 if is_replaced else 400 if form.mistakes else 200
