"""Numbers of a school, or of everything below an authority: charts, the tables behind them, and a file."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from idp.core.clock import local_date
from idp.documents import tables
from idp.services.rights import ALL, RIGHTS
from idp.web.admin import lists
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_statistics", __name__, url_prefix="/admin")


@bp.get("/statistics")
@allows("statistics.read")
def everywhere(here: Here) -> str | Response:
    return _page(here)


@bp.get("/schools/<school_id>/statistics")
@allows("statistics.read")
def school(here: Here) -> str | Response:
    return _page(here)


def _page(here: Here) -> str | Response:
    """An authority is not told small groups; a school knows its own pupils anyway."""
    anonymised = RIGHTS["statistics.read"].reach[here.actor.role] == ALL
    counted = house().protection.statistics.tables(here.scope, anonymised=anonymised)
    kind = request.args.get("format", "")
    if kind in lists.TYPES:
        rows = [
            (table.name, row.key, "<5" if row.count is None else row.count) for table in counted for row in table.rows
        ]
        day = local_date(house().clock.now()).isoformat()
        columns = ("table", "group", "count")
        body = tables.csv(columns, rows) if kind == "csv" else tables.xlsx("statistics", columns, rows)
        return lists.file(body, f"statistics-{day}.{kind}", lists.TYPES[kind])
    return render_template("admin/statistics.html", school_id=here.school_id, tables=counted, anonymised=anonymised)
