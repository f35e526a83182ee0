"""A person's own page: who they are here, the active membership, their sessions, their password."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.errors import Denied, Invalid, NotFound, TooSoon
from idp.services.passwords import minimum_length, mistakes
from idp.services.sessions import LiveSession
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
            {"id": one.id, "role": one.role, "school": one.school_name, "current": one.id == session.membership_id}
            for one in memberships
        ],
        sessions=[
            {"id": one.id, "browser": one.browser, "last_seen": one.last_seen_at, "current": one.id == session.id}
            for one in house().sessions.of_person(session.person_id)
        ],
        changed=request.args.get("changed") == "1",
        name_offer=house().eds_names.offer(person),
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
    response = redirect(url_for("account.home"), 303)
    if session_id == session.id:
        clear_session(response)
    return response


@bp.get("/account/password")
def password_page() -> Response | WerkzeugResponse:
    session = _session()
    return _show_password(session, []) if session else redirect(url_for("login.choose"), 303)


@bp.post("/account/password")
def change_password() -> Response | WerkzeugResponse:
    session = _needed()
    person = house().credentials.person(session.person_id)
    assert person is not None
    old, new = request.form.get("old_password", ""), request.form.get("new_password", "")
    wrong = mistakes(new, request.form.get("new_password_2", ""), person, role=house().sessions.role_of(person.id))
    if not wrong and old == new:
        wrong = ["same_as_old"]
    if wrong:
        return _show_password(session, wrong, status=422)
    try:
        house().credentials.change_password(
            person, old, new, place=request.remote_addr or "", throttle=house().throttle()
        )
    except TooSoon as error:
        return _show_password(session, ["throttled"], status=429, retry_after=error.retry_after)
    except Denied:
        return _show_password(session, ["wrong"], status=422)
    for one in house().sessions.of_person(person.id):
        # Whoever knew the old password may be signed in with it.
        if one.id != session.id:
            house().logout.end(one.id, reason="password_changed")
    return redirect(url_for("account.home", changed="1"), 303)


def _show_password(session: LiveSession, errors: list[str], *, status: int = 200, retry_after: int = 0) -> Response:
    fields = {"mismatch": "new-password-2", "wrong": "old-password", "throttled": "old-password"}
    role = house().sessions.role_of(session.person_id)
    page = render_template(
        "account/change_password.html",
        person=house().credentials.person(session.person_id),
        role=role,
        minimum=minimum_length(role),
        errors=[(fields.get(code, "new-password"), code) for code in errors],
        retry_minutes=max(1, -(-retry_after // 60)),
    )
    return make_response(page, status)


def _session() -> LiveSession | None:
    return house().sessions.current(session_token(request))


def _needed() -> LiveSession:
    session = _session()
    if session is None:
        raise Denied("the session has ended", code="session_ended")
    return session
