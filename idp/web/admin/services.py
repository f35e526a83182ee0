"""The services of a school, each with its switch."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_services", __name__, url_prefix="/admin")


@bp.get("/schools/<school_id>/services")
@allows("clients.read")
def services(here: Here) -> str:
    return render_template(
        "admin/services.html",
        services=house().school_services.of(here.scope, language=i18n.language()),
        may_switch=here.actor.holds("clients.switch"),
        switched=request.args.get("switched", ""),
    )


@bp.post("/schools/<school_id>/services/<client_id>/on")
@allows("clients.switch")
def switch_on(here: Here, client_id: str) -> Response:
    return _switch(here, client_id, is_on=True)


@bp.post("/schools/<school_id>/services/<client_id>/off")
@allows("clients.switch")
def switch_off(here: Here, client_id: str) -> Response:
    return _switch(here, client_id, is_on=False)


@bp.post("/schools/<school_id>/services/<client_id>/data")
@allows("clients.switch")
def limit_data(here: Here, client_id: str) -> Response:
    """What the school lets go to a SAML service, of what the operator approved."""
    house().school_services.withhold(here.scope, here.actor, client_id, request.form.getlist("give"))
    return redirect(url_for("admin_services.services", school_id=here.school_id, switched="data"), 303)


def _switch(here: Here, client_id: str, *, is_on: bool) -> Response:
    house().school_services.switch(here.scope, here.actor, client_id, is_on=is_on)
    said = "on" if is_on else "off"
    return redirect(url_for("admin_services.services", school_id=here.school_id, switched=said), 303)
