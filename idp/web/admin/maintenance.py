"""The operator tells planned work beforehand, and sees the times when we were away."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Invalid
from idp.services.maintenance import LANGUAGES
from idp.web.admin.breaches import local_moment
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_maintenance", __name__, url_prefix="/admin")


@bp.get("/maintenance")
@allows("maintenance.write")
def page(here: Here) -> str:
    return _page()


@bp.post("/maintenance")
@allows("maintenance.write")
def announce(here: Here) -> Response | tuple[str, int]:
    form = request.form
    try:
        house().protection.maintenance.announce(
            here.actor,
            {language: form.get(f"text_{language}", "") for language in LANGUAGES},
            local_moment(form.get("begin", "")),
            local_moment(form.get("end", "")),
        )
    except Invalid:
        return _page(refused=True), 422
    return redirect(url_for("admin_maintenance.page"), 303)


@bp.post("/maintenance/<announcement_id>/withdraw")
@allows("maintenance.write")
def withdraw(here: Here, announcement_id: str) -> Response:
    house().protection.maintenance.withdraw(here.actor, announcement_id)
    return redirect(url_for("admin_maintenance.page"), 303)


def _page(*, refused: bool = False) -> str:
    maintenance = house().protection.maintenance
    return render_template(
        "admin/maintenance.html",
        announced=maintenance.upcoming(),
        away=maintenance.away(),
        refused=refused,
        form=request.form,
    )
