"""The page on which a person allows or refuses a client what it asks for."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request, url_for
from flask_babel import format_date
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Invalid
from idp.oidc.authorize import deny
from idp.oidc.checks.redirect_uri import origin_of
from idp.web import i18n
from idp.web.cookies import browser_id, session_token
from idp.web.house import house
from idp.web.oidc import answered, see_other

bp = Blueprint("consent", __name__)


@bp.get("/consent")
def page() -> str:
    """Shows the values themselves, not the names of scopes."""
    interaction_id, browser = request.args.get("i", ""), browser_id()
    waiting = house().interactions.get(interaction_id, browser)
    if waiting is not None:
        i18n.wish(waiting.ui_locales)
    shown = house().consents.page(
        interaction_id, session_token=session_token(request), browser=browser, language=i18n.language()
    )
    g.form_action = [origin_of(shown.redirect_uri)]
    end = shown.client["end_date"]
    return render_template(
        "consent/consent.html",
        client=shown.client | {"until": format_date(end, "long") if end else None},
        person=shown.person,
        membership=shown.membership,
        values=shown.values,
        offline=shown.offline,
        interaction_id=interaction_id,
    )


@bp.post("/consent")
def answer() -> WerkzeugResponse:
    """Back to /oauth/authorize, which checks everything again; a refusal goes straight to the client."""
    interaction_id, browser = request.form.get("i", ""), browser_id()
    cookie, said = session_token(request), request.form.get("answer", "")
    if said == "allow":
        house().consents.allow(interaction_id, session_token=cookie, browser=browser)
        return see_other(url_for("oidc.authorize", interaction=interaction_id))
    if said == "deny":
        house().consents.note_refusal(interaction_id, session_token=cookie, browser=browser)
        return answered(deny(house().oidc, house().oidc_stores, interaction_id=interaction_id, browser=browser))
    raise Invalid("the answer is neither allow nor deny")
