"""The door /sign/<id>: signing by NCALayer or by phone, declining, and what may be taken home."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Conflict, Denied, NotFound, TooSoon, Unavailable
from idp.services.sessions import LiveSession
from idp.services.signature_facts import facts
from idp.services.signing_papers import Paper
from idp.web import after_login, i18n, signing_files
from idp.web.cookies import browser_id
from idp.web.house import house
from idp.web.qr import qr_svg
from idp.web.signing_page import MOST_INLINE, about, needed, refused, show, visitor

bp = Blueprint("signing", __name__, url_prefix="/sign")
bp.add_url_rule("/<request_id>/document", view_func=signing_files.document)
bp.add_url_rule("/<request_id>/signature.cms", view_func=signing_files.signature)
bp.add_url_rule("/<request_id>/card.pdf", view_func=signing_files.card)
bp.add_url_rule("/<request_id>/evidence.zip", view_func=signing_files.evidence)


@bp.get("/<request_id>")
def page(request_id: str) -> Response | WerkzeugResponse:
    session = visitor(request_id)
    if session is None:
        after_login.remember(request.path)
        return redirect(url_for("login.choose"), 303)
    return show(request_id, session)


@bp.post("/<request_id>")
def sign(request_id: str) -> Response | WerkzeugResponse:
    """A signature made by NCALayer, in base64."""
    session = needed(request_id)
    signature = request.form.get("signature", "").strip()
    try:
        house().signing.sign(request_id, session.person_id, signature, place=request.remote_addr or "")
    except (Denied, Conflict, TooSoon, Unavailable) as error:
        return refused(request_id, session, error)
    return redirect(url_for("signing.page", request_id=request_id), 303)


@bp.post("/<request_id>/decline")
def decline(request_id: str) -> Response | WerkzeugResponse:
    session = needed(request_id)
    try:
        house().signing.decline(request_id, session.person_id)
    except Conflict as error:
        return refused(request_id, session, error)
    return redirect(url_for("signing.page", request_id=request_id), 303)


@bp.get("/<request_id>/phone")
def phone(request_id: str) -> Response | WerkzeugResponse:
    """Begins an errand for a phone, then shows how it stands."""
    session = needed(request_id)
    challenge = request.args.get("c", "")
    if challenge:
        return _show_phone(request_id, session, challenge)
    try:
        if house().login.why_off("eds_egov_mobile"):
            raise Unavailable("no phone can sign here", code="eds_off")
        house().signing.check_open(request_id, session.person_id)
        # Each is a row of ours, and with a relay a request to somebody else. Counted by document, for who has many to
        # sign is no attacker; apart from guesses, for beginning is never taken back and must lock nobody out.
        account, place = f"errand:{session.person_id}:{request_id}", f"errand:{request.remote_addr or ''}"
        house().throttle().enter(account, place)
        begun = house().errands.begin("document", browser=browser_id(), language=i18n.language(), request_id=request_id)
    except (Denied, Conflict, TooSoon, Unavailable) as error:
        return refused(request_id, session, error)
    return redirect(url_for("signing.phone", request_id=request_id, c=begun.id), 303)


@bp.post("/<request_id>/phone")
def confirm_phone(request_id: str) -> Response | WerkzeugResponse:
    """The last confirmation, in the browser that began, after it has shown whose signature came."""
    session = needed(request_id)
    try:
        brought = house().errands.collect(request.form.get("challenge", ""), browser_id(), "document", request_id)
        house().signing.accept(request_id, session.person_id, brought)
    except (Denied, Conflict, Unavailable) as error:
        return refused(request_id, session, error)
    return redirect(url_for("signing.page", request_id=request_id), 303)


@bp.get("/<request_id>/phone/state")
def phone_state(request_id: str) -> Response:
    """`state` and `refusal`, told to the browser that began and to nobody else."""
    needed(request_id)
    found = house().errands.state(request.args.get("c", ""), browser_id(), "document", request_id)
    if found is None:
        raise NotFound("no such errand")
    return jsonify({"state": found.state, "refusal": found.refusal})


def _show_phone(request_id: str, session: LiveSession, challenge: str) -> Response | WerkzeugResponse:
    paper = house().signing.look(request_id, session.person_id, language=i18n.language())
    found = house().errands.state(challenge, browser_id(), "document", request_id)
    if paper.state != "waiting" or found is None or found.state == "spent":
        return redirect(url_for("signing.page", request_id=request_id), 303)
    return make_response(
        render_template(
            "sign/phone.html",
            **about(paper)
            | {
                "challenge": challenge,
                "qr_svg": qr_svg(found.qr) if found.qr else "",
                "link": found.link,
                "text": _text(request_id, session, paper),
                "code": found.code,
                "seconds_left": found.seconds_left,
                "state": found.state,
                "refusal": found.refusal,
                "signer_name": facts(found.signed_by)["name"] if found.signed_by else None,
                "error": None,
                "off": "",
                "state_url": url_for("signing.phone_state", request_id=request_id, c=challenge),
            },
        )
    )


def _text(request_id: str, session: LiveSession, paper: Paper) -> str:
    """What is signed, when it is a text short enough to stand beside the code."""
    if paper.row.media_type != "text/plain" or paper.row.size > MOST_INLINE:
        return ""
    return house().signing.document(request_id, session.person_id)[1].decode().removeprefix("\ufeff")
