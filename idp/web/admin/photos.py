"""Photos in the console: shown nowhere else, put one by one or in an archive."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Invalid
from idp.services.photos import LARGEST_ARCHIVE
from idp.services.pictures import LARGEST_FILE
from idp.web.admin.door import Here, allows
from idp.web.house import house
from idp.web.incoming import takes

bp = Blueprint("admin_photos", __name__, url_prefix="/admin/schools/<school_id>")
_ROOM = 64 * 1024
"""For the rest of a form beside its file."""


@bp.get("/people/<person_id>/photo")
@allows("people.read")
def photo(here: Here, person_id: str) -> Response:
    answer = make_response(house().photos.one(here.scope, person_id))
    house().viewing.saw(here.actor, person_id, here.school_id, "photo")
    answer.headers["Content-Type"] = "image/jpeg"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.post("/people/<person_id>/photo")
@allows("people.write")
@takes(LARGEST_FILE + _ROOM)
def put(here: Here, person_id: str) -> WerkzeugResponse:
    sent = request.files.get("photo")
    try:
        house().photos.put(here.actor, here.scope, person_id, sent.read() if sent else b"")
    except Invalid as error:
        if error.code != "photo":
            raise
        return _person(here, person_id, "photo")
    return _person(here, person_id, "changed")


@bp.post("/people/<person_id>/photo/delete")
@allows("people.write")
def remove(here: Here, person_id: str) -> WerkzeugResponse:
    house().photos.remove(here.actor, here.scope, person_id)
    return _person(here, person_id, "changed")


@bp.get("/photos")
@allows("people.write")
def many(here: Here) -> str:
    return render_template("admin/photos.html", report=None, wrong="", kept=request.args.get("kept", "")[:4])


@bp.post("/photos")
@allows("people.write")
@takes(LARGEST_ARCHIVE + _ROOM)
def examine(here: Here) -> Response | str:
    """The report first; nothing changes yet."""
    sent = request.files.get("archive")
    try:
        if not sent:
            raise Invalid("no file", code="archive")
        report = house().photos.examine(here.actor, here.scope, sent.stream)
    except Invalid as error:
        if error.code != "archive":
            raise
        return make_response(render_template("admin/photos.html", report=None, wrong="archive", kept=""), 422)
    return render_template("admin/photos.html", report=report, wrong="", kept="")


@bp.post("/photos/keep")
@allows("people.write")
def keep(here: Here) -> WerkzeugResponse:
    kept = house().photos.keep(here.actor, here.scope, request.form.get("ticket", ""))
    return redirect(url_for("admin_photos.many", school_id=here.school_id, kept=kept), 303)


def _person(here: Here, person_id: str, done: str) -> WerkzeugResponse:
    return redirect(url_for("admin_person.facts", school_id=here.school_id, person_id=person_id, done=done), 303)
