"""Where the console begins: the own school, or the schools below an authority."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from idp.services.rights import ALL, RIGHTS
from idp.web import i18n
from idp.web.admin import waiting
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_overview", __name__, url_prefix="/admin")


@bp.get("")
@allows("schools.read")
def index(here: Here) -> Response:
    """Who reaches one school goes to it, who reaches many to their list."""
    if RIGHTS["schools.read"].reach[here.actor.role] == ALL:
        return redirect(url_for("admin_schools.schools"), 303)
    return redirect(url_for("admin_overview.school", school_id=here.actor.organisation_id), 303)


@bp.get("/schools/<school_id>")
@allows("schools.read")
def school(here: Here) -> str:
    """One school: what waits, and the way to everything the role may do."""
    numbers, lines = waiting.lines(here)
    return render_template(
        "admin/overview.html",
        school=house().organisations.face(here.scope, here.school_id, language=i18n.language()),
        numbers=numbers,
        lines=lines,
    )
