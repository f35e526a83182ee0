"""A person's own page: who they are here and the active membership; how they sign in is in account_security.py."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, Invalid, NotFound
from idp.services.sessions import LiveSession
from idp.web import i18n
from idp.web.cookies import clear_session, session_token
from idp.web.house import house

bp = Blueprint("account", __name__)


@bp.get("/")
def index() -> str | WerkzeugResponse:
    """The front door: the account for who is signed in, a word of welcome for who is not."""
    if house().sessions.current(session_token(request)) is not None:
        return redirect(url_for("account.home"), 303)
    return render_template("home.html")


@bp.get("/account")
def home() -> str | WerkzeugResponse:
    session = _session()
    if session is None:
        return redirect(url_for("login.choose"), 303)
    person = house().credentials.person(session.person_id)
    assert person is not None
    memberships = house().sessions.memberships(session.person_id)
    return render_template(
        "account/home.html",
        person=person,
        memberships=[
            {
                "id": one.id,
                "role": one.role,
                "current": one.id == session.membership_id,
                "school": (one.school_name_ru if i18n.language() == "ru" else "") or one.school_name,
            }
            for one in memberships
        ],
        name_offer=house().eds_names.offer(person),
        card=house().cards.mine(session.person_id),
        waiting=house().consent_desk.reading.waiting(session.person_id),
        asked=house().family.asked(session.person_id),
    )


@bp.post("/account/membership")
def switch_membership() -> WerkzeugResponse:
    session = _needed()
    house().sessions.switch(session, request.form.get("membership", ""))
    return redirect(url_for("account.home"), 303)


@bp.post("/account/names")
def answer_names() -> WerkzeugResponse:
    """Whether to take the name that the certificate has now."""
    session = _needed()
    answer = request.form.get("answer", "")
    if answer not in ("take", "keep"):
        raise Invalid("take or keep")
    house().eds_names.answer(session.person_id, take=answer == "take")
    return redirect(url_for("account.home"), 303)


@bp.post("/account/sessions/<session_id>/end")
def end_session(session_id: str) -> WerkzeugResponse:
    session = _needed()
    if session_id not in {one.id for one in house().sessions.of_person(session.person_id)}:
        raise NotFound("no such session")
    house().logout.end(session_id, reason="ended_by_person")
    response = redirect(url_for("account_security.page"), 303)
    if session_id == session.id:
        clear_session(response)
    return response


def _session() -> LiveSession | None:
    return house().sessions.current(session_token(request))


def _needed() -> LiveSession:
    session = _session()
    if session is None:
        raise Denied("the session has ended", code="session_ended")
    return session
