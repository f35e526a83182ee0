"""A person demands what the law gives them over their own or their child's data, and reads the answers."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, NotFound
from idp.services.subject_requests import FIELDS, KINDS, mistakes
from idp.web.account_door import person_session
from idp.web.house import house

bp = Blueprint("account_requests", __name__, url_prefix="/account/requests")


@bp.get("")
def page() -> str:
    session = person_session()
    return render_template(
        "account/requests.html",
        person=house().credentials.person(session.person_id),
        requests=house().protection.requests.of_person(session.person_id),
        kinds=[(kind, term.days, term.by_law) for kind, term in KINDS.items()],
        done=request.args.get("done", ""),
    )


@bp.get("/new/<kind>")
def form(kind: str) -> str:
    return _form(person_session().person_id, kind)


@bp.post("/new/<kind>")
def make(kind: str) -> Response | tuple[str, int]:
    """A second click finds the first request waiting and says so."""
    person_id = person_session().person_id
    if kind not in KINDS:
        raise NotFound("no such request")
    fields = {name: request.form.get(name, "") for name in FIELDS} if kind == "correction" else {}
    wrong = mistakes(kind, request.form.get("text", ""), fields)
    if wrong:
        return _form(person_id, kind, wrong=wrong), 422
    about, _, school_id = request.form.get("about", "").partition(":")
    try:
        house().protection.requests.make(
            person_id, kind, about=about, school_id=school_id, text=request.form.get("text", ""), fields=fields
        )
    except (Conflict, NotFound) as error:
        return _form(person_id, kind, refusal=error.code), 409
    return redirect(url_for("account_requests.page", done="made"), 303)


@bp.post("/<request_id>/take-back")
def take_back(request_id: str) -> Response:
    """After a second click, or an answer that was faster, the list says how it stands."""
    try:
        house().protection.requests.take_back(person_session().person_id, request_id)
    except Conflict:
        return redirect(url_for("account_requests.page"), 303)
    return redirect(url_for("account_requests.page", done="taken_back"), 303)


@bp.get("/<request_id>")
def answer(request_id: str) -> str:
    """The answer as a sheet to print."""
    found = house().protection.requests.one_of_person(person_session().person_id, request_id)
    return render_template("admin/request_answer.html", asked=found)


def _form(person_id: str, kind: str, *, wrong: dict[str, str] | None = None, refusal: str = "") -> str:
    if kind not in KINDS:
        raise NotFound("no such request")
    return render_template(
        "account/request_form.html",
        person=house().credentials.person(person_id),
        kind=kind,
        subjects=house().protection.requests.subjects(person_id),
        chosen=request.form.get("about", ""),
        text=request.form.get("text", ""),
        fields={name: request.form.get(name, "") for name in FIELDS},
        mistakes=wrong or {},
        refusal=refusal,
    )
