"""Services that I let in: what each may have, since when, and taking it back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.web import i18n
from idp.web.account_door import person_session
from idp.web.house import house

bp = Blueprint("account_services", __name__, url_prefix="/account/services")


@bp.get("")
def page() -> str:
    session = person_session()
    return render_template(
        "account/services.html",
        person=house().credentials.person(session.person_id),
        services=house().permissions.of(session.person_id, language=i18n.language()),
        done=request.args.get("done") == "1",
    )


@bp.post("/<client_id>/withdraw")
def withdraw(client_id: str) -> Response:
    """A second press, or a service that has nothing, leads to the same page."""
    house().permissions.withdraw(person_session().person_id, client_id)
    return redirect(url_for("account_services.page", done=1), 303)
