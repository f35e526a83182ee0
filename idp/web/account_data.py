"""«Деректерімді кім көрді»: who has seen my data or my child's, and a copy of all of it."""

from __future__ import annotations

import json

from flask import Blueprint, Response, make_response, render_template

from idp.core.clock import local_date
from idp.services.rights import RECENT
from idp.services.sessions import LiveSession
from idp.web import i18n
from idp.web.account_door import person_session
from idp.web.house import house

bp = Blueprint("account_data", __name__, url_prefix="/account/data")


@bp.get("")
def page() -> str:
    return _page(person_session(), "")


@bp.get("/<child_id>")
def of_child(child_id: str) -> str:
    """Of a child for whom one may act now, not of who is of age; a link just blocked is a child that does not exist."""
    return _page(person_session(), child_id)


@bp.get("/copy")
def copy() -> Response:
    session = person_session(recent=RECENT)
    return _copy(session, session.person_id)


@bp.get("/<child_id>/copy")
def copy_of_child(child_id: str) -> Response:
    session = person_session(recent=RECENT)
    house().guardians.acting_for(session.person_id, child_id)
    return _copy(session, child_id)


def _page(session: LiveSession, child_id: str) -> str:
    child = house().guardians.acting_for(session.person_id, child_id) if child_id else None
    return render_template(
        "account/data.html",
        person=house().credentials.person(session.person_id),
        child=child,
        children=[one for one in house().guardians.children(session.person_id) if one.may_act],
        seen=house().my_access.of(child_id or session.person_id, language=i18n.language()),
    )


def _copy(session: LiveSession, person_id: str) -> Response:
    """JSON for people and programs, under a name that tells nothing about whom it is."""
    found = house().my_data.copy(session.person_id, person_id, acr=session.acr)
    response = make_response(json.dumps(found, ensure_ascii=False, indent=1))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    name = f"bilim-id-data-{local_date(house().clock.now()).isoformat()}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
