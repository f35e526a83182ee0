"""The end of a school year in the console: the plan, its exceptions, the act, and taking it back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict
from idp.services.promotion_plan import CLASS_ACTIONS, PUPIL_ACTIONS
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import counted
from idp.web.house import house

bp = Blueprint("admin_years", __name__, url_prefix="/admin/schools/<school_id>")


@bp.get("/year")
@allows("years.promote")
def year(here: Here) -> str:
    return _show(here, "")


@bp.post("/year")
@allows("years.promote")
def act(here: Here) -> Response | tuple[str, int]:
    """`act` is `plan`, `apply` or `undo`."""
    word = request.form.get("act", "")
    try:
        if word == "apply":
            house().years.apply(here.scope, here.actor.person_id, here.school_id)
        elif word == "undo":
            house().years.undo(here.scope, here.actor.person_id, here.school_id)
        else:
            decided = {key.removeprefix("class-"): value for key, value in request.form.items() if key[:6] == "class-"}
            house().years.decide(here.scope, here.actor.person_id, here.school_id, of_classes=decided, of_pupils={})
    except Conflict as refused:
        return _show(here, refused.code), 409
    return redirect(url_for("admin_years.year", school_id=here.school_id, done=word or "plan"), 303)


@bp.route("/year/<class_id>", methods=["GET", "POST"])
@allows("years.promote")
def pupils(here: Here, class_id: str) -> str | Response | tuple[str, int]:
    """Exceptions in one class."""
    people = house().years.pupils(here.scope, here.school_id, class_id)
    if request.method == "POST":
        said = {key.removeprefix("pupil-"): value for key, value in request.form.items() if key[:6] == "pupil-"}
        own = {person for person, _, _ in people}
        try:
            house().years.decide(
                here.scope, here.actor.person_id, here.school_id, of_classes={},
                of_pupils={person: word for person, word in said.items() if person in own},
            )  # fmt: skip
        except Conflict as refused:
            return _show(here, refused.code), 409
        return redirect(url_for("admin_years.year", school_id=here.school_id, done="plan"), 303)
    title = house().classes.page(here.scope, class_id).line.title
    return render_template(
        "admin/year_class.html", title=title, people=people, actions=PUPIL_ACTIONS, shown_people=counted(people)
    )


def _show(here: Here, refused: str) -> str:
    preview = house().years.preview(here.scope, here.school_id)
    school = house().organisations.face(here.scope, here.school_id, language=i18n.language())
    return render_template("admin/year.html", preview=preview, school=school, refused=refused, actions=CLASS_ACTIONS)
