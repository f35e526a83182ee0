"""What goes when: the rules of retention, what ran, and what goes next."""

from __future__ import annotations

from flask import Blueprint, render_template

from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_retention", __name__, url_prefix="/admin")


@bp.get("/retention")
@allows("retention.read")
def page(here: Here) -> str:
    """The same for everybody: rules hold for the whole installation, and numbers name nobody."""
    report = house().protection.retention
    return render_template("admin/retention.html", rules=report.shown(), runs=report.runs())
