"""Many cards at once: from a file, looked at first; and badges of a class to print."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.card_number import FORMATS
from idp.core.errors import Conflict, Invalid
from idp.services.card_import import MAX_BYTES, Report
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.house import house
from idp.web.incoming import takes

bp = Blueprint("admin_card_import", __name__, url_prefix="/admin")
_FORM = 64 * 1024
Answer = Response | WerkzeugResponse


@bp.get("/schools/<school_id>/cards/import")
@allows("cards.write")
def form(here: Here) -> str:
    return _show(here)


@bp.post("/schools/<school_id>/cards/import")
@allows("cards.write")
@takes(MAX_BYTES + _FORM)
def check(here: Here) -> Response:
    """Tells line by line what would happen; nothing happens yet."""
    sent = request.files.get("file")
    data = sent.read(MAX_BYTES + 1) if sent is not None else b""
    format_ = request.form.get("format", "")
    try:
        if not data:
            raise Invalid("no file", code="card_file_missing")
        if len(data) > MAX_BYTES:
            raise Invalid("too large", code="card_file_too_long")
        report = house().card_import.check(here.scope, here.school_id, data, format_ if format_ in FORMATS else "")
    except Invalid as error:
        return make_response(_show(here, problem=error.code), 422)
    return make_response(_show(here, report=report))


@bp.post("/schools/<school_id>/cards/import/apply")
@allows("cards.write")
def apply(here: Here) -> Answer:
    """What was looked at is done, once."""
    try:
        done = house().card_import.apply(here.scope, here.school_id, request.form.get("ticket", ""))
    except Conflict as error:
        return make_response(_show(here, problem=error.code), 409)
    return redirect(url_for("admin_card_import.form", school_id=here.school_id, done=str(done)), 303)


@bp.get("/schools/<school_id>/cards/badges")
@allows("cards.write")
def badges(here: Here) -> Response | str:
    """A list of classes, or with `class` their badges as PDF; faces count as taken out."""
    class_id = request.args.get("class", "").replace("\x00", "")
    if not class_id:
        return render_template(
            "admin/card_badges.html", school_id=here.school_id, classes=house().card_lists.classes(here.scope)
        )
    from idp.documents.badges import badge_sheet

    sheet = house().card_badges.of_class(here.scope, here.school_id, class_id)
    house().exports.take(
        f"person:{here.actor.person_id}", len(sheet.faces), what="badges", school_id=here.school_id
    )  # fmt: skip
    answer = make_response(badge_sheet(sheet, lang="ru" if i18n.language() == "ru" else "kk"))
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = 'attachment; filename="badges.pdf"'
    return answer


def _show(here: Here, *, report: Report | None = None, problem: str = "") -> str:
    done = request.args.get("done", "")
    return render_template(
        "admin/card_import.html",
        school_id=here.school_id,
        formats=FORMATS,
        chosen=request.form.get("format", "") or house().cards.number_format(here.school_id) or FORMATS[0],
        report=report,
        problem=problem,
        done=int(done) if done.isascii() and done.isdigit() and len(done) < 6 else 0,
    )
