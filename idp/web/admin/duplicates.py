"""Two records of one person in the console: found, compared, merged, and taken apart again."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, NotFound
from idp.services.listing import Found
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported
from idp.web.house import house

bp = Blueprint("admin_duplicates", __name__, url_prefix="/admin/schools/<school_id>")


@bp.get("/duplicates")
@allows("people.merge")
def duplicates(here: Here) -> str | Response:
    wanted, pairs = asked(), house().merging.pairs(here.scope)
    columns = [_("Name"), _("Other record"), _("Date of birth"), _("The same")]
    why = {"name": _("Name and date of birth"), "phone": _("Phone"), "email": _("E-mail")}
    saved = exported(here, "duplicates", columns, lambda: (
        (one.one_name, one.other_name, one.birth_date, why[one.why]) for one in pairs
    ))  # fmt: skip
    if saved is not None:
        return saved
    shown = pairs[wanted.offset : wanted.offset + wanted.per_page]
    return render_template("admin/duplicates.html", found=Found(shown, len(pairs), wanted))


@bp.get("/people/<person_id>/merge/<other_id>")
@allows("people.merge")
def compare(here: Here, person_id: str, other_id: str) -> str:
    """`person_id` is kept, `other_id` is merged into it; the page can turn them round."""
    return _compare(here, person_id, other_id)


def _compare(here: Here, person_id: str, other_id: str) -> str:
    outlook = house().merging.outlook(here.actor, here.scope, person_id, other_id)
    both = (person_id, other_id)
    for one in both:
        house().viewing.saw(here.actor, one, here.school_id, "facts")
    return render_template(
        "admin/merge.html",
        kept=person_id,
        merged=other_id,
        sides=[house().person_facts.of(here.scope, one) for one in both],
        faces=[house().directory.face(here.scope, one, language=i18n.language()) for one in both],
        outlook=outlook,
    )


@bp.post("/people/<person_id>/merge/<other_id>")
@allows("people.merge")
def merge(here: Here, person_id: str, other_id: str) -> Response:
    """Pressed twice: the second time the other is merged already, and the kept record is shown."""
    try:
        house().merging.merge(here.actor, here.scope, person_id, other_id)
    except Conflict as error:
        if error.code != "merge_refused":
            raise
        return make_response(_compare(here, person_id, other_id), 409)
    except NotFound:
        if house().directory.kept(here.scope, other_id) != person_id:
            raise
    return _person(here, person_id, "merged")


@bp.get("/people/<person_id>/merged")
@allows("people.merge")
def history(here: Here, person_id: str) -> str:
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    return render_template("admin/merged.html", person=face, history=house().merging.history(here.scope, person_id))


@bp.post("/people/<person_id>/merged/undo")
@allows("people.merge")
def undo(here: Here, person_id: str) -> Response:
    house().merging.undo(here.actor, here.scope, person_id, request.form.get("merged", "")[:32])
    return _person(here, person_id, "changed")


def _person(here: Here, person_id: str, done: str) -> Response:
    return redirect(url_for("admin_person.facts", school_id=here.school_id, person_id=person_id, done=done), 303)
