"""Lists of people in the console: one school's, and a search over every school in reach; somebody new."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.services.acting import StepUp
from idp.services.person_form import Mistakes
from idp.services.rank import SCHOOL_ROLES, grantable
from idp.services.rights import ALL, RIGHTS
from idp.services.role_words import role_word
from idp.web import i18n, step_up
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported
from idp.web.house import house

bp = Blueprint("admin_people", __name__, url_prefix="/admin")


@bp.get("/people")
@allows("people.read")
def everywhere(here: Here) -> str | Response:
    """Who reaches one school has their list there."""
    if RIGHTS["people.read"].reach[here.actor.role] != ALL:
        return redirect(url_for("admin_people.people", school_id=here.actor.organisation_id), 303)
    found = house().people_lists.everywhere(here.scope, asked(), language=i18n.language())
    return render_template("admin/people_everywhere.html", found=found)


@bp.get("/schools/<school_id>/people")
@allows("people.read")
def people(here: Here) -> str | Response:
    wanted = asked("role", "class", "state", sorts=("name", "-name"))
    columns = [_("Name"), _("Username"), _("Date of birth"), _("Role"), _("Class")]
    file = exported(here, "people", columns, lambda: _rows(here, wanted))
    if file is not None:
        return file
    return render_template(
        "admin/people.html",
        found=house().people_lists.of_school(here.scope, wanted),
        homerooms=house().people_lists.homerooms(here.scope),
        roles=(*SCHOOL_ROLES, "guardian"),
        may_add=here.actor.holds("people.write"),
        may_export=here.actor.holds("people.export"),
        may_merge=here.actor.holds("people.merge"),
    )


def _rows(here: Here, wanted: object) -> list[tuple[object, ...]]:
    language = i18n.language()
    return [
        (
            one.name, one.username, one.birth_date, ", ".join(role_word(role, language) for role in one.roles),
            ", ".join(one.classes),
        )
        for one in house().people_lists.export(here.scope, wanted)  # type: ignore[arg-type]
    ]  # fmt: skip


@bp.get("/schools/<school_id>/people/new")
@allows("people.write")
def new(here: Here) -> str:
    return _form(here, {"language": "kk", "role": "pupil", "class": request.args.get("class", "")[:32]}, {})


@bp.post("/schools/<school_id>/people/new")
@allows("people.write")
def add(here: Here) -> Response | tuple[str, int]:
    """A role of staff is a way in to what the school holds, so it takes what giving one to a known person takes."""
    try:
        if request.form.get("role") != "pupil":
            house().acting.check_strength(here.actor, RIGHTS["people.secrets"])
    except StepUp as error:
        return step_up.ask(error.acr)
    try:
        person_id = house().newcomers.add(here.actor, here.scope, request.form)
    except Mistakes as error:
        return _form(here, request.form, error.fields, near=error.person_id), 422
    return redirect(url_for("admin_person.facts", school_id=here.school_id, person_id=person_id, done="added"), 303)


def _form(here: Here, values: object, wrong: object, *, near: str = "") -> str:
    """`near` is the person with whom the form clashes, when this school may see them."""
    return render_template(
        "admin/person_new.html",
        values=values,
        wrong=wrong,
        near=near,
        homerooms=house().people_lists.homerooms(here.scope),
        roles=grantable(here.actor.role, is_authority=not house().imports.takes_files(here.scope, here.school_id)),
        ticket=request.form.get("ticket", "")[:64] or house().form_tickets.fresh(),
    )
