"""Organisations in the console: the tree, one organisation's facts, and what its director settles."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.services.forms import Wrong
from idp.services.organisations import SECOND_FACTORS
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported, whole
from idp.web.house import house

bp = Blueprint("admin_schools", __name__, url_prefix="/admin")


@bp.get("/schools")
@allows("schools.read")
def schools(here: Here) -> str | Response:
    """Everything below the own organisation."""
    wanted, language = asked("type"), i18n.language()
    columns = [_("Called"), _("Kind"), _("Above it"), _("Pupils"), _("Staff"), _("State")]
    saved = exported(here, "schools", columns, lambda: (
        (one.name, one.type, one.parent, one.pupils, one.staff, _("Active") if one.is_active else _("Closed"))
        for one in whole(lambda page: house().organisations.listed(here.scope, page, language=language), wanted)
    ), right="schools.read")  # fmt: skip
    if saved is not None:
        return saved
    found = house().organisations.listed(here.scope, wanted, language=language)
    return render_template("admin/schools.html", found=found, may_add=here.actor.holds("schools.write"))


@bp.route("/schools/new", methods=["GET", "POST"])
@allows("schools.write")
def new(here: Here) -> str | Response | tuple[str, int]:
    if request.method == "GET":
        parent = request.args.get("below", here.actor.organisation_id)
        return _form(here, {"type": "secondary", "parent_id": parent}, {})
    try:
        school_id = house().organisations.add(here.scope, here.actor.person_id, request.form)
    except Wrong as wrong:
        return _form(here, request.form.to_dict(), wrong.fields), 400
    return redirect(url_for("admin_overview.school", school_id=school_id), 303)


@bp.route("/schools/<school_id>/edit", methods=["GET", "POST"])
@allows("schools.write")
def edit(here: Here) -> str | Response | tuple[str, int]:
    row = dict(house().organisations.details(here.scope, here.school_id))
    reach = house().acting.below(here.actor, "schools.write")
    if request.method == "GET":
        return _form(here, row | row["details"], {})
    try:
        house().organisations.change(reach, here.actor.person_id, here.school_id, request.form)
    except Wrong as wrong:
        return _form(here, row | request.form.to_dict(), wrong.fields), 400
    return redirect(url_for("admin_schools.edit", school_id=here.school_id, done="saved"), 303)


@bp.route("/schools/<school_id>/settings", methods=["GET", "POST"])
@allows("schools.settings")
def settings(here: Here) -> str | Response | tuple[str, int]:
    row = dict(house().organisations.details(here.scope, here.school_id))
    values, wrong = row | row["details"], dict[str, str]()
    if request.method == "POST":
        try:
            house().organisations.set_up(here.scope, here.actor.person_id, here.school_id, request.form)
        except Wrong as error:
            values, wrong = row | request.form.to_dict(), error.fields
        else:
            return redirect(url_for("admin_schools.settings", school_id=here.school_id, done="saved"), 303)
    page = render_template("admin/school_settings.html", values=values, wrong=wrong, rules=SECOND_FACTORS)
    return (page, 400) if wrong else page


def _form(here: Here, values: Mapping[str, object], wrong: dict[str, str]) -> str:
    reach = house().acting.below(here.actor, "schools.write")
    parents = house().organisations.parents(reach, but=here.school_id, language=i18n.language())
    is_top = bool(here.school_id) and not reach.allows(str(values.get("parent_id") or ""))
    return render_template("admin/school_form.html", values=values, wrong=wrong, parents=parents, is_top=is_top)
