"""The inbox of who is responsible for personal data: requests of subjects, what is due first."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.clock import local_date
from idp.core.errors import Conflict, Denied, Invalid
from idp.services.acting import StepUp
from idp.services.listing import Asked
from idp.services.request_papers import PAPER_KINDS
from idp.services.subject_answers import NEVER_REFUSED
from idp.services.subject_requests import FIELDS
from idp.web import i18n
from idp.web.admin import lists
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_requests", __name__, url_prefix="/admin")


@bp.get("/schools/<school_id>/requests")
@allows("requests.read")
def inbox(here: Here) -> str | Response:
    asked = lists.asked("state", "kind")
    state = asked.filters["state"] or "open"
    shown = Asked(asked.words, asked.page, filters={**asked.filters, "state": "" if state == "all" else state})
    answers = house().protection.answers
    columns = [_("Whose data"), _("What was asked"), _("Received"), _("Answer by"), _("State")]
    saved = lists.exported(here, "requests", columns, lambda: (
        (one.person, one.kind, local_date(one.made_at), one.due_on, one.state)
        for one in lists.whole(lambda page: answers.inbox(here.scope, page), shown)
    ), right="requests.read")  # fmt: skip
    if saved is not None:
        return saved
    found = answers.inbox(here.scope, shown)
    return render_template(
        "admin/requests.html",
        school_id=here.school_id,
        found=found,
        late=house().protection.answers.waiting(here.scope)[1],
        kinds=[
            ("access", _("To know what is kept about me")),
            ("correction", _("To correct a mistake")),
            ("blocking", _("To stop using the data")),
            ("unblocking", _("To use the data again")),
            ("destruction", _("To destroy the data")),
            ("objection", _("To object to a decision of a machine")),
        ],
        done=request.args.get("done") == "1",
        may_answer=here.actor.holds("requests.answer"),
    )


@bp.get("/schools/<school_id>/requests/new")
@allows("requests.answer")
def paper(here: Here) -> str:
    """Whom a paper is about, found by name; then what it asks."""
    return _paper(here, request.args.get("person", ""))


@bp.post("/schools/<school_id>/requests/new")
@allows("requests.answer")
def enter(here: Here) -> Response | tuple[str, int]:
    """A request that came on paper; a second click finds the first one waiting and says so."""
    form, person_id = request.form, request.form.get("person", "")
    said = {name: form.get(name, "") for name in ("number", "date", "text")}
    try:
        request_id = house().protection.papers.enter(
            here.actor, here.scope, here.school_id, form.get("kind", ""), about=person_id, by=form.get("by", ""),
            said=said,
        )  # fmt: skip
    except (Conflict, Invalid) as error:
        return _paper(here, person_id, refusal=error.code), 422
    return redirect(url_for("admin_requests.one", school_id=here.school_id, request_id=request_id), 303)


@bp.get("/schools/<school_id>/requests/<request_id>")
@allows("requests.read")
def one(here: Here, request_id: str) -> str:
    return _page(here, request_id)


@bp.post("/schools/<school_id>/requests/<request_id>")
@allows("requests.answer")
def answer(here: Here, request_id: str) -> Response | tuple[str, int]:
    """`act` is `do` or `refuse`."""
    answers, text = house().protection.answers, request.form.get("text", "")
    try:
        if request.form.get("act") == "refuse":
            answers.refuse(here.actor, here.scope, request_id, text)
        else:
            answers.answer(
                here.actor,
                here.scope,
                request_id,
                text=text,
                fields={name: request.form[name] for name in FIELDS if name in request.form},
                end_roles=request.form.get("end_roles") == "1",
            )
    except StepUp:
        raise
    except (Conflict, Denied, Invalid) as error:
        return _page(here, request_id, refusal=error.code), 409
    return redirect(url_for("admin_requests.inbox", school_id=here.school_id, done="1"), 303)


@bp.get("/schools/<school_id>/requests/<request_id>/answer")
@allows("requests.read")
def sheet(here: Here, request_id: str) -> str:
    """The answer as a sheet to print: proof for the file."""
    return render_template("admin/request_answer.html", asked=house().protection.answers.one(here.scope, request_id))


def _paper(here: Here, person_id: str, *, refusal: str = "") -> str:
    words = request.args.get("q", "").strip()[:100]
    candidates = house().protection.breaches.candidates(here.scope, words)
    askers = house().protection.papers.askers(here.scope, person_id) if person_id else []
    if person_id:
        house().viewing.saw(here.actor, person_id, here.school_id, "requests")
    return render_template(
        "admin/request_new.html",
        school_id=here.school_id,
        person_id=person_id,
        askers=askers,
        note=house().directory.face(here.scope, person_id, language=i18n.language()).note if person_id else "",
        words=words,
        candidates=candidates,
        shown_people=lists.counted(candidates),
        kinds=PAPER_KINDS,
        refusal=refusal,
        sent=request.form,
    )


def _page(here: Here, request_id: str, *, refusal: str = "") -> str:
    answers = house().protection.answers
    found = answers.one(here.scope, request_id)
    house().viewing.saw(here.actor, found.person_id, here.school_id, "requests")
    return render_template(
        "admin/request.html",
        school_id=here.school_id,
        asked=found,
        roles=answers.roles_today(here.scope, request_id) if found.kind == "destruction" else [],
        may_answer=here.actor.holds("requests.answer"),
        may_refuse=found.kind not in NEVER_REFUSED,
        refusal=refusal,
        text=request.form.get("text", ""),
        corrected={name: request.form.get(name, value) for name, value in found.fields.items()},
    )
