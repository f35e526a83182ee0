"""Imports of a school in the console: the file, what it would do, what it did, and taking it back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Invalid
from idp.services.listing import Asked, Found
from idp.services.school_imports import MAX_FILE
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported, file
from idp.web.house import house
from idp.web.incoming import takes

bp = Blueprint("admin_imports", __name__, url_prefix="/admin/schools/<school_id>")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/imports")
@allows("imports.run")
def imports(here: Here) -> str | Response:
    columns = [_("File name"), _("When"), _("Kind"), _("Added"), _("Changed"), _("Ended"), _("Taken back")]
    return exported(here, "imports", columns, lambda: (
        (one.file_name, one.at, kind, *counts[1:4], one.undone_at)
        for one in house().imports.history(here.scope, here.school_id)
        for kind, counts in one.numbers.items()
    ), right="imports.run") or _list(here, "")  # fmt: skip


@bp.post("/imports")
@takes(MAX_FILE + 64 * 1024)
@allows("imports.run")
def keep(here: Here) -> Response | tuple[str, int]:
    """Takes a file; nothing is changed yet."""
    sent = request.files.get("file")
    try:
        data = sent.read() if sent else b""
        name = (sent.filename or "") if sent else ""
        upload_id = house().imports.keep(here.scope, here.actor.person_id, here.school_id, name, data)
    except Invalid as refused:
        return _list(here, refused.code), 400
    return redirect(url_for("admin_imports.preview", school_id=here.school_id, upload_id=upload_id), 303)


@bp.get("/imports/waiting/<upload_id>")
@allows("imports.run")
def preview(here: Here, upload_id: str) -> str:
    """What the file would do, and everything that is wrong with it."""
    return _show(here, upload_id, "")


@bp.post("/imports/waiting/<upload_id>")
@allows("imports.run")
def drop(here: Here, upload_id: str) -> Response:
    """The file is not wanted after all."""
    house().imports.drop(here.scope, here.school_id, upload_id)
    return redirect(url_for("admin_imports.imports", school_id=here.school_id), 303)


@bp.post("/imports/waiting/<upload_id>/apply")
@allows("imports.apply")
def apply(here: Here, upload_id: str) -> Response | tuple[str, int]:
    try:
        done = house().imports.apply(
            here.scope, here.actor.person_id, here.school_id, upload_id, accept=request.form.getlist("accept"),
            language=i18n.language(),
        )  # fmt: skip
    except Conflict as changed:
        return _show(here, upload_id, changed.code), 409
    if done.is_refused:
        return _show(here, upload_id, "refused"), 400
    return redirect(url_for("admin_imports.imports", school_id=here.school_id, done="applied"), 303)


@bp.post("/imports/<import_id>/undo")
@allows("imports.apply")
def undo(here: Here, import_id: str) -> Response | tuple[str, int]:
    try:
        house().imports.undo(here.scope, here.actor.person_id, here.school_id, import_id)
    except Conflict as refused:
        return _list(here, refused.code), 409
    return redirect(url_for("admin_imports.imports", school_id=here.school_id, done="undone"), 303)


@bp.get("/imports/template.xlsx")
@allows("imports.run")
def template(here: Here) -> Response:
    """The empty spreadsheet, in Kazakh or with `?in=ru` in Russian."""
    # XlsxWriter is heavy and only this page needs it.
    from idp.documents.template import roster_template

    language = "ru" if request.args.get("in") == "ru" else "kk"
    return file(roster_template(language), f"roster-{language}.xlsx", _XLSX)


def _list(here: Here, refused: str) -> str:
    history = house().imports.history(here.scope, here.school_id)
    takes_files = house().imports.takes_files(here.scope, here.school_id)
    return render_template(
        "admin/imports.html", history=history, refused=refused, takes_files=takes_files,
        megabytes=MAX_FILE // 1024 // 1024,
    )  # fmt: skip


def _show(here: Here, upload_id: str, refused: str) -> str:
    given = request.form if request.method == "POST" else request.args
    found = house().imports.preview(
        here.scope, here.school_id, upload_id, accept=given.getlist("accept"), language=i18n.language()
    )
    page = asked()
    page = Asked(page=page.page)
    problems = Found(found.problems[page.offset : page.offset + page.per_page], len(found.problems), page)
    return render_template(
        "admin/import_preview.html", preview=found, problems=problems, refused=refused, lang_code=i18n.language()
    )
