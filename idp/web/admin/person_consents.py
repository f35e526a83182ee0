"""One person's consents in the console, and what came on paper."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Denied, Invalid
from idp.services.consent_document import RELATIONS
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_person_consents", __name__, url_prefix="/admin/schools/<school_id>/people/<person_id>/consents")
_FIELDS = ("number", "date", "signer", "signer_name", "relation", "language")


@bp.get("")
@allows("consents.read")
def person(here: Here, person_id: str) -> str:
    return _page(here, person_id)


@bp.post("/paper")
@allows("consents.paper")
def paper(here: Here, person_id: str) -> str | Response | tuple[str, int]:
    """A signed paper for one of the texts that are asked."""
    house().directory.face(here.scope, person_id)
    said = {name: request.form.get(name, "") for name in _FIELDS}
    try:
        house().consent_desk.papers.give(
            here.actor.person_id, here.school_id, person_id, request.form.get("text_id", ""), said
        )
    except (Conflict, Denied, Invalid) as error:
        return _page(here, person_id, error=error.code), 422
    return redirect(url_for("admin_person_consents.person", school_id=here.school_id, person_id=person_id), 303)


@bp.post("/<record_id>/withdraw")
@allows("consents.paper")
def withdraw(here: Here, person_id: str, record_id: str) -> str | Response | tuple[str, int]:
    """A signed notice of withdrawal."""
    house().directory.face(here.scope, person_id)
    said = {name: request.form.get(name, "") for name in _FIELDS}
    try:
        house().consent_desk.papers.withdraw(
            here.actor.person_id, here.school_id, person_id, record_id, said
        )  # fmt: skip
    except (Conflict, Denied, Invalid) as error:
        return _page(here, person_id, error=error.code), 422
    return redirect(url_for("admin_person_consents.person", school_id=here.school_id, person_id=person_id), 303)


def _page(here: Here, person_id: str, *, error: str = "") -> str:
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    desk = house().consent_desk
    items, rows = desk.reading.person(here.scope, here.school_id, person_id)
    house().viewing.saw(here.actor, person_id, here.school_id, "consents")
    signers = [one for one in desk.reading.guardians(here.scope, person_id) if one["holds"]]
    return render_template(
        "admin/person_consents.html", person=face, items=items, history=rows, signers=signers, error=error,
        relations=[one for one in RELATIONS if one != "self"], may_enter=here.actor.holds("consents.paper"),
        is_adult=desk.reading.is_adult(person_id, here.school_id), sent=request.form,
    )  # fmt: skip
