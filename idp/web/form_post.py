"""The page whose form sends itself to a service (OAuth 2.0 Form Post Response Mode; SAML Bindings §3.5).

Every sign-on of SAML ends with one, and all of them differ in an address and a few values: so the page is rendered
once a language, and these are put into it.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, current_app, g, make_response, render_template
from markupsafe import escape

from idp.oidc.checks.redirect_uri import origin_of
from idp.web import i18n

_ACTION, _FIELDS = "form-post-action", "form-post-fields"


def form_post(action: str, fields: Iterable[tuple[str, str]]) -> Response:
    """Posts `fields` to `action`, by a script or else by its button; the policy allows that one origin."""
    g.form_action = [origin_of(action)]
    before, between, after = _page(i18n.language())
    inputs = "\n".join(f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields)
    return make_response(f"{before}{escape(action)}{between}{inputs}{after}")


def _page(language: str) -> tuple[str, str, str]:
    """The page around action and fields."""
    pages: dict[str, tuple[str, str, str]] = current_app.extensions.setdefault("form_post", {})
    if language not in pages:
        page = render_template("oidc/form_post.html", action=_ACTION, fields=_FIELDS, planned_work=None)
        before, rest = page.split(_ACTION)
        between, after = rest.split(_FIELDS)
        pages[language] = before, between, after
    return pages[language]
