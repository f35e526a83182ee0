"""What all doors of signing in share: the visitor, the request that waits, other ways to offer, and the way on."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, g, make_response, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core import levels
from idp.core.errors import Invalid
from idp.services.eds_login import NeedsSecond, Newcomer
from idp.services.entry import MustChange, Visitor
from idp.services.interactions import Interaction, is_saml
from idp.services.login import NeedsFactor, Outcome
from idp.services.sessions import Opened
from idp.web import after_login, i18n
from idp.web.cookies import browser_id, session_token, set_session
from idp.web.house import house

CHANGE, SECOND, WELCOME, FACTOR = "change_ticket", "second_ticket", "welcome_ticket", "factor_ticket"
MAIL = "mail_challenge"
"""Where the signed cookie of this browser keeps the ticket of its next step."""
Way = tuple[str, str, str, str]
"""Method, address, label and icon."""


def visitor(interaction_id: str = "", *, asked: tuple[str, ...] = ()) -> Visitor:
    """The browser at the door; `asked` are levels that a page of ours wants, where no client waits."""
    waits = house().interactions.get(interaction_id, browser_id()) if interaction_id else None
    return Visitor(
        place=request.remote_addr or "",
        browser=request.user_agent.string,
        language=i18n.language(),
        session_token=session_token(request),
        browser_id=browser_id(),
        interaction_id=interaction_id,
        asked=waits.acr_values if waits else asked,
    )


def waiting(interaction_id: str) -> Interaction | None:
    """The client's request that waits for this sign-in; None without one. Raises Invalid (`link_expired`)."""
    if not interaction_id:
        return None
    found = house().interactions.get(interaction_id, browser_id(), language=i18n.language())
    if found is None:
        raise Invalid("the interaction has expired or belongs to another browser", code="link_expired")
    i18n.wish(found.ui_locales)
    g.form_action = [found.redirect_origin]
    return found


def suitable(interaction: Interaction | None) -> list[str]:
    """Methods that are on and reach the asked level; on a phone its own app stands before NCALayer.

    When none here reaches it, all that are on: `acr_values` is a wish, and the client is told what was reached (OIDC
    Core §3.1.2.1).
    """
    asked = interaction.acr_values if interaction else ()
    login = house().login
    are_on = [name for name in login.method_names if not login.why_off(name)]
    found = [name for name in are_on if levels.satisfies(login.level_of(name), asked)] or are_on
    return sorted(found, key=lambda name: name == "eds_ncalayer") if "Mobi" in request.user_agent.string else found


def other_methods(current: str, interaction: Interaction | None) -> list[Way]:
    """Ways that would do, beside the one of the page."""
    words = {
        "password": (_("With a username and password"), "lock"),
        "passkey": (_("With a passkey"), "key"),
        "mail_code": (_("With a code by e-mail"), "mail"),
        "eds_ncalayer": (_("With ЭЦҚ on this computer"), "sign"),
        "eds_egov_mobile": (_("With eGov Mobile"), "phone"),
    }
    return [
        (name, with_interaction(f"/login/{name}", interaction.id if interaction else ""), *words[name])
        for name in suitable(interaction)
        if name != current and name in words
    ]


def passkey_options(interaction_id: str) -> str:
    """What a browser asks its passkeys by, as JSON; empty where they are off. Nothing is written for it."""
    login = house().login
    return "" if login.why_off("passkey") else login.begin("passkey", visitor(interaction_id)).shown["options"]


def leave_steps() -> None:
    """Forgets the steps of whoever stood here before: on a shared computer the next person must not go on with them."""
    for key in (CHANGE, SECOND, WELCOME, FACTOR, MAIL):
        session.pop(key, None)


def start_again(interaction_id: str) -> WerkzeugResponse:
    """To the first page of signing in, after somebody said that it is not they."""
    leave_steps()
    return redirect(with_interaction(url_for("login.choose"), interaction_id), 303)


def later(page: str, status: int, retry_after: int) -> Response:
    """A page, with `Retry-After` (RFC 9110 §10.2.3) where there is something to wait for, in seconds."""
    response = make_response(page, status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def next_step(result: Outcome, interaction_id: str, *, place: str = "") -> WerkzeugResponse:
    """The way on after a good answer; the browser keeps the ticket of a further step.

    `place` is a page of ours that goes before everything else that waits.
    """
    if isinstance(result, Opened):
        return _signed_in(result, interaction_id, place)
    places: dict[type, tuple[str, str]] = {
        MustChange: (CHANGE, "login.change_page"),
        NeedsFactor: (FACTOR, "login_factor.page"),
        NeedsSecond: (SECOND, "login_steps.second_page"),
        Newcomer: (WELCOME, "login_steps.welcome_page"),
    }
    key, page = places[type(result)]
    session[key] = result.ticket
    return redirect(with_interaction(url_for(page), interaction_id), 303)


def _signed_in(opened: Opened, interaction_id: str, place: str) -> WerkzeugResponse:
    """Sets the cookie and goes on. A session of somebody else in this browser ends, with its clients told; the page
    that person was on is not for who comes now."""
    before = house().sessions.current(session_token(request))
    browser, remembered = browser_id(), after_login.take()
    if before is not None and before.id != opened.session_id:
        house().logout.end(before.id, reason="replaced")
        remembered = ""
    session.clear()
    session["browser"] = browser
    target = place or remembered or url_for("account.home")
    if interaction_id and not place:
        target = resumed(interaction_id)
    response = redirect(target, 303)
    set_session(response, opened.token, max_age=opened.max_age)
    return response


def resumed(interaction_id: str) -> str:
    """The endpoint that goes on with a request; it checks everything again."""
    endpoint = "saml.sso" if is_saml(interaction_id) else "oidc.authorize"
    return url_for(endpoint, interaction=interaction_id)


def with_interaction(url: str, interaction_id: str) -> str:
    return f"{url}?{urlencode({'i': interaction_id})}" if interaction_id else url


def minutes(retry_after: int) -> int:
    """Seconds to wait as whole minutes, at least one."""
    return max(1, -(-retry_after // 60))
