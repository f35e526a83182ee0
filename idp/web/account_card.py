"""A lost card, reported by its holder or by who acts for the child: it works nowhere from this moment on."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from idp.web.account_door import person_session
from idp.web.house import house

bp = Blueprint("account_card", __name__)


@bp.post("/account/card/block")
def block() -> Response:
    """The own card, or with `person` a child's; whether the link holds is asked in this request."""
    session = person_session()
    person_id = request.form.get("person", "") or session.person_id
    is_own = person_id == session.person_id
    if not is_own:
        house().guardians.acting_for(session.person_id, person_id)
    house().cards.block_own(session.person_id, person_id)
    return redirect("/account" if is_own else "/account/children", 303)
