"""My children: whom I may act for, links that wait for the school, and for a child: who may act for me."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Denied, Invalid, TooSoon
from idp.services.guardian_links import RELATIONS
from idp.services.sessions import LiveSession
from idp.web.account_door import person_session
from idp.web.house import house

bp = Blueprint("account_children", __name__, url_prefix="/account/children")


@bp.get("")
def page() -> str:
    session = person_session()
    family = house().family.page(session.person_id)
    return render_template(
        "account/children.html",
        person=house().credentials.person(session.person_id),
        family=family,
        cards={child.person_id: house().cards.mine(child.person_id) for child in family.children},
        is_pupil=house().sessions.role_of(session.person_id) == "pupil",
        done=request.args.get("done", ""),
    )


@bp.route("/add", methods=["GET", "POST"])
def add() -> str | Response | tuple[str, int]:
    """A code of the school and the child's date of birth. The code comes by POST only, never in an address."""
    session = person_session()
    if request.method == "GET":
        return _form(session)
    form = request.form
    try:
        outcome = house().guardian_codes.redeem(
            session.person_id, form.get("code", ""), _day(form.get("born", "")), form.get("relation", ""),
            place=request.remote_addr or "",
        )  # fmt: skip
    except TooSoon as error:
        return _form(session, "too_many_attempts", error.retry_after), 429
    except (Denied, Invalid) as error:
        return _form(session, error.code), 422
    return redirect(url_for("account_children.page", done=outcome), 303)


@bp.route("/<link_id>/disown", methods=["GET", "POST"])
def disown(link_id: str) -> str | Response:
    """«I am not this child's guardian»: asked once more, then done."""
    session = person_session()
    if request.method == "GET":
        return render_template(
            "account/child_disown.html",
            person=house().credentials.person(session.person_id),
            link=house().family.own(session.person_id, link_id),
        )
    house().family.disown(session.person_id, link_id)
    return redirect(url_for("account_children.page", done="disowned"), 303)


@bp.post("/guardians/<link_id>")
def answer(link_id: str) -> Response:
    """Somebody of age says whether a parent goes on seeing what concerns them."""
    session = person_session()
    said = request.form.get("answer", "")
    if said not in ("keep", "stop"):
        raise Invalid("keep or stop")
    try:
        house().family.answer(session.person_id, link_id, keep=said == "keep")
    except Conflict:  # Pressed twice: the page shows what is so now.
        return redirect(url_for("account_children.page"), 303)
    return redirect(url_for("account_children.page", done=said), 303)


def _form(session: LiveSession, error: str = "", retry_after: int = 0) -> str:
    return render_template(
        "account/child_add.html",
        person=house().credentials.person(session.person_id),
        relations=RELATIONS,
        values=request.form,
        error=error,
        retry_minutes=max(1, -(-retry_after // 60)),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
