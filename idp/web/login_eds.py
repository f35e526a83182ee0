"""The doors of the two ways to sign in with an ЭЦҚ: NCALayer on this computer, eGov Mobile in the phone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import BilimError, Denied, TooSoon, Unavailable
from idp.core.names import full_name
from idp.services.eds_names import names_of
from idp.services.phone_errands import State
from idp.web import i18n
from idp.web.cookies import browser_id, session_token
from idp.web.entrance import later, minutes, next_step, other_methods, start_again, visitor, waiting
from idp.web.house import house
from idp.web.qr import qr_svg

bp = Blueprint("login_eds", __name__)
_NCALAYER, _EGOV = "eds_ncalayer", "eds_egov_mobile"
_OVER = State("over")


@bp.get("/login/eds_ncalayer")
def ncalayer() -> Response | WerkzeugResponse:
    interaction_id = request.args.get("i", "")
    return _to_account(interaction_id) or _show_ncalayer(interaction_id)


@bp.post("/login/eds_ncalayer")
def ncalayer_answer() -> Response | WerkzeugResponse:
    interaction_id = request.form.get("i", "")
    fields = {name: request.form.get(name, "") for name in ("challenge", "signature")}
    try:
        result = house().login.finish(_NCALAYER, visitor(interaction_id), fields, is_shared=_is_shared())
    except (Denied, TooSoon, Unavailable) as error:
        return _show_ncalayer(interaction_id, error=error)
    return next_step(result, interaction_id)


@bp.get("/login/eds_egov_mobile")
def egov() -> Response | WerkzeugResponse:
    """Begins an errand and leads to it, so that the page can be loaded again; `c` names one that goes on."""
    interaction_id, challenge = request.args.get("i", ""), request.args.get("c", "")
    if challenge:
        return _show_egov(interaction_id, challenge, _state(challenge) or _OVER)
    if (away := _to_account(interaction_id)) is not None:
        return away
    waiting(interaction_id)
    if house().login.why_off(_EGOV):
        return _show_egov(interaction_id, "", _OVER)
    try:
        begun = house().login.begin(_EGOV, visitor(interaction_id))
    except (TooSoon, Unavailable) as error:
        return _show_egov(interaction_id, "", _OVER, error=error)
    return redirect(url_for("login_eds.egov", c=begun.id, i=interaction_id or None), 303)


@bp.get("/login/eds_egov_mobile/state")
def egov_state() -> tuple[Response, int]:
    """`state` and `refusal`, told to the browser that began and to nobody else."""
    found = _state(request.args.get("c", ""))
    state = found or _OVER
    return jsonify({"state": state.state, "refusal": state.refusal}), 200 if found else 404


@bp.post("/login/eds_egov_mobile")
def egov_confirm() -> Response | WerkzeugResponse:
    """The last confirmation, in the browser that began, after it has shown whose signature came; or `answer=no`."""
    interaction_id, challenge = request.form.get("i", ""), request.form.get("challenge", "")
    if request.form.get("answer") == "no":
        house().login.disown(_EGOV, visitor(), challenge)
        return start_again(interaction_id)
    try:
        result = house().login.finish(
            _EGOV, visitor(interaction_id), {"challenge": challenge}, is_shared=_is_shared()
        )  # fmt: skip
    except (Denied, TooSoon, Unavailable) as error:
        return _show_egov(interaction_id, challenge, _OVER, error=error)
    return next_step(result, interaction_id)


def _to_account(interaction_id: str) -> WerkzeugResponse | None:
    """Who is signed in, and asked to prove it by no client and no page of ours (`again`), has nothing to do here."""
    if interaction_id or request.args.get("again") == "1" or house().sessions.current(session_token(request)) is None:
        return None
    return redirect(url_for("account.home"), 303)


def _state(challenge: str) -> State | None:
    """How an errand of a sign-in stands; None for one of a document, and for another browser's."""
    return house().errands.state(challenge, browser_id(), "login")


def _is_shared() -> bool:
    return request.form.get("shared") == "1"


def _show_ncalayer(interaction_id: str, *, error: BilimError | None = None) -> Response:
    """The page, with a new challenge each time: an answer spends the old one, whatever came of it."""
    interaction = waiting(interaction_id)
    off = house().login.why_off(_NCALAYER)
    shown: dict[str, Any] = {"challenge": "", "data_b64": "", "text": "", "ncalayer_url": "", "oids": []}
    try:
        begun = None if off else house().login.begin(_NCALAYER, visitor(interaction_id))
    except TooSoon as too_soon:
        begun, error = None, too_soon
    if begun is not None:
        shown |= {**begun.shown, "challenge": begun.id, "oids": begun.shown["oids"].split()}
        g.connect_src = [shown["ncalayer_url"]]
    context = shown | {
        "off": off,
        "locale": i18n.language(),
        "client": interaction.client if interaction else None,
        "interaction_id": interaction_id,
        "again": request.args.get("again") == "1",
        "shared": _is_shared(),
        "other_methods": other_methods(_NCALAYER, interaction),
    }
    return _answer("login/eds_ncalayer.html", context, error, is_off=bool(off))


def _show_egov(interaction_id: str, challenge: str, state: State, *, error: BilimError | None = None) -> Response:
    interaction = waiting(interaction_id)
    off = house().login.why_off(_EGOV)
    signer = names_of(state.signed_by) if state.signed_by else None
    context = {
        "challenge": challenge,
        "qr_svg": qr_svg(state.qr) if state.qr else "",
        "link": state.link,
        "text": house().errands.text(challenge, browser_id()) if state.state in ("waiting", "fetched") else "",
        "code": state.code,
        "seconds_left": state.seconds_left,
        "state": "over" if state.state == "spent" else state.state,
        "refusal": state.refusal,
        "person": full_name(signer["family_name"], signer["given_name"], signer["middle_name"]) if signer else None,
        "client": interaction.client if interaction else None,
        "interaction_id": interaction_id,
        "shared": _is_shared(),
        "other_methods": other_methods(_EGOV, interaction),
        "off": off,
    }
    return _answer("login/eds_egov_mobile.html", context, error, is_off=bool(off))


def _answer(template: str, context: dict[str, Any], error: BilimError | None, *, is_off: bool) -> Response:
    """The page with what went wrong, and other ways beside it; which rule failed concerns only the key's bearer."""
    code, status, retry_after = None, 503 if is_off else 200, 0
    if isinstance(error, TooSoon):
        code, status, retry_after = "throttled", 429, error.retry_after
    elif error is not None:
        code = "nca_unavailable" if error.code == "unavailable" else error.code
        status = 503 if isinstance(error, Unavailable) else 400 if error.code == "challenge_over" else 403
    page = render_template(template, error=code, retry_minutes=minutes(retry_after), **context)
    return later(page, status, retry_after)
