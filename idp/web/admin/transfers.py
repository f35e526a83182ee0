"""A pupil changes schools, in the console: a code from the old school, one reviewed page at the new one."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.services.person_form import Mistakes
from idp.services.transfers import Coming
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_transfers", __name__, url_prefix="/admin/schools/<school_id>")


@bp.get("/people/<person_id>/transfer")
@allows("people.transfer")
def send(here: Here, person_id: str) -> str:
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    return render_template("admin/transfer_out.html", person=face, code="")


@bp.post("/people/<person_id>/transfer")
@allows("people.transfer")
def offer(here: Here, person_id: str) -> Response:
    """The code is shown once."""
    code = house().transfers.offer(here.actor, here.scope, person_id)
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    answer = make_response(render_template("admin/transfer_out.html", person=face, code=code))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/transfer")
@allows("people.transfer")
def receive(here: Here) -> str:
    return _page(here)


@bp.post("/transfer")
@allows("people.transfer")
def look(here: Here) -> Response | str:
    """Who it is, before anything is done. By a form: no code gets into an address."""
    try:
        coming = house().transfers.find(here.actor, here.scope, _code(), language=i18n.language())
    except Mistakes as error:
        return make_response(_page(here, wrong=error.fields), 422)
    return _page(here, coming)


@bp.post("/transfer/take")
@allows("people.transfer")
def take(here: Here) -> WerkzeugResponse:
    try:
        person_id = house().transfers.receive(here.actor, here.scope, _code(), request.form.get("class", "")[:32])
    except Mistakes as error:
        if "class" not in error.fields:
            return make_response(_page(here, wrong=error.fields), 422)
        coming = house().transfers.find(here.actor, here.scope, _code(), language=i18n.language())
        return make_response(_page(here, coming, error.fields), 422)
    return redirect(url_for("admin_person.facts", school_id=here.school_id, person_id=person_id, done="changed"), 303)


def _code() -> str:
    return request.form.get("code", "").strip()[:100]


def _page(here: Here, coming: Coming | None = None, wrong: object = None) -> str:
    return render_template(
        "admin/transfer_in.html",
        coming=coming,
        wrong=wrong or {},
        homerooms=house().people_lists.homerooms(here.scope) if coming else [],
    )
