"""The page on which a person allows or refuses a client what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, render_template, request
from flask_babel import format_date, gettext
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Invalid
from idp.oidc.authorize import deny
from idp.oidc.checks.redirect_uri import origin_of
from idp.services.interactions import is_saml
from idp.web import i18n, saml
from idp.web.cookies import browser_id, session_token
from idp.web.entrance import resumed
from idp.web.house import house
from idp.web.oidc import answered, see_other

if TYPE_CHECKING:
    from idp.services.consent import Consents
    from idp.services.saml_consent import SamlConsents

bp = Blueprint("consent", __name__)


@bp.get("/consent")
def page() -> str:
    """Shows the values themselves, not the names of scopes."""
    interaction_id, browser = request.args.get("i", ""), browser_id()
    waiting = house().interactions.get(interaction_id, browser)
    if waiting is not None:
        i18n.wish(waiting.ui_locales)
    shown = _consents(interaction_id).page(
        interaction_id, session_token=session_token(request), browser=browser, language=i18n.language()
    )
    g.form_action = [origin_of(shown.redirect_uri)]
    end = shown.client["end_date"]
    return render_template(
        "consent/consent.html",
        client=shown.client | {"until": format_date(end, gettext("d MMMM y")) if end else None},
        person=shown.person,
        membership=shown.membership,
        values=shown.values,
        offline=shown.offline,
        interaction_id=interaction_id,
    )


@bp.post("/consent")
def answer() -> WerkzeugResponse:
    """Back to the endpoint, which checks everything again; a refusal goes straight to the client."""
    interaction_id, browser = request.form.get("i", ""), browser_id()
    cookie, said = session_token(request), request.form.get("answer", "")
    if said == "allow":
        _consents(interaction_id).allow(interaction_id, session_token=cookie, browser=browser)
        return see_other(resumed(interaction_id))
    if said == "deny":
        _consents(interaction_id).note_refusal(interaction_id, session_token=cookie, browser=browser)
        if is_saml(interaction_id):
            return saml.answered(house().saml().deny(interaction_id, browser=browser))
        return answered(deny(house().oidc, house().oidc_stores, interaction_id=interaction_id, browser=browser))
    raise Invalid("the answer is neither allow nor deny")


def _consents(interaction_id: str) -> Consents | SamlConsents:
    """Of the protocol of what waits."""
    return house().saml().consents if is_saml(interaction_id) else house().consents
