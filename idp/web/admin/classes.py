"""Classes of a school in the console, and one class with everybody in it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.services.classes import GRADES, KINDS, LANGUAGES, SHIFTS
from idp.services.forms import Wrong
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, counted, exported, whole
from idp.web.house import house

bp = Blueprint("admin_classes", __name__, url_prefix="/admin/schools/<school_id>")
_FORM = {"grades": GRADES, "teaching_languages": LANGUAGES, "shifts": SHIFTS}


@bp.get("/classes")
@allows("classes.read")
def classes(here: Here) -> str | Response:
    wanted = asked("grade", "shift", "language", "kind", "status")
    columns = [_("Class"), _("Grade"), _("Shift"), _("Language of teaching"), _("Class teacher"), _("Pupils")]
    saved = exported(here, "classes", columns, lambda: (
        (one.title, one.grade, one.shift, one.language, one.teacher, one.pupils)
        for one in whole(lambda page: house().classes.listed(here.scope, page), wanted)
    ), right="classes.read")  # fmt: skip
    if saved is not None:
        return saved
    found = house().classes.listed(here.scope, wanted)
    may_add = here.actor.holds("classes.write")
    return render_template("admin/classes.html", found=found, kinds=KINDS, may_add=may_add, **_FORM)


@bp.route("/classes/new", methods=["GET", "POST"])
@allows("classes.write")
def new(here: Here) -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return render_template("admin/class_form.html", values={}, wrong={}, **_FORM)
    try:
        class_id = house().classes.add(here.scope, here.actor.person_id, here.school_id, request.form)
    except Wrong as wrong:
        return render_template("admin/class_form.html", values=request.form, wrong=wrong.fields, **_FORM), 400
    return _page(here, class_id)


@bp.get("/classes/<class_id>")
@allows("classes.read")
def one(here: Here, class_id: str) -> str:
    return _show(here, class_id, {})


@bp.post("/classes/<class_id>")
@allows("classes.write")
def change(here: Here, class_id: str) -> Response | tuple[str, int]:
    try:
        house().classes.change(here.scope, here.actor.person_id, class_id, request.form)
    except Wrong as wrong:
        return _show(here, class_id, wrong.fields), 400
    return _page(here, class_id)


@bp.post("/classes/<class_id>/close")
@allows("classes.write")
def close(here: Here, class_id: str) -> Response:
    house().classes.close(here.scope, here.actor.person_id, class_id)
    return redirect(url_for("admin_classes.classes", school_id=here.school_id), 303)


@bp.post("/classes/<class_id>/pupils")
@allows("classes.write")
def put(here: Here, class_id: str) -> Response | tuple[str, int]:
    try:
        house().classes.put(here.scope, here.actor.person_id, class_id, request.form.getlist("people"))
    except Wrong as wrong:
        return _show(here, class_id, wrong.fields), 400
    return _page(here, class_id)


@bp.post("/classes/<class_id>/out")
@allows("classes.write")
def take_out(here: Here, class_id: str) -> Response:
    house().classes.take_out(here.scope, here.actor.person_id, class_id, request.form.get("place", "")[:32])
    return _page(here, class_id)


@bp.post("/classes/<class_id>/teacher")
@allows("classes.write")
def teacher(here: Here, class_id: str) -> Response | tuple[str, int]:
    try:
        house().classes.set_teacher(here.scope, here.actor.person_id, class_id, request.form.get("teacher", "")[:32])
    except Wrong as wrong:
        return _show(here, class_id, wrong.fields), 400
    return _page(here, class_id)


def _page(here: Here, class_id: str) -> Response:
    return redirect(url_for("admin_classes.one", school_id=here.school_id, class_id=class_id, done="saved"), 303)


def _show(here: Here, class_id: str, wrong: dict[str, str]) -> str:
    may_change = here.actor.holds("classes.write")
    page = house().classes.page(here.scope, class_id, may_change=may_change)
    values = request.form if wrong else page.line
    shown = counted((*page.pupils, *page.teachers), (*page.free, *page.staff))
    return render_template(
        "admin/class.html", page=page, may_change=may_change, wrong=wrong, values=values, shown_people=shown, **_FORM
    )
