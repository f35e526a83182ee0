"""The register of breaches: written down, whose data it was, told to the authorised body in time, closed."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.clock import LOCAL, local_date
from idp.core.errors import Conflict, Invalid
from idp.documents import tables
from idp.documents.breach_notice import breach_notice
from idp.services.breaches import Listed, Notice
from idp.services.listing import Asked
from idp.web import i18n
from idp.web.admin import lists
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_breaches", __name__, url_prefix="/admin")
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_PEOPLE = 20


@bp.get("/breaches")
@allows("breaches.read")
def everywhere(here: Here) -> str | Response:
    """For who reaches many schools: how many, and whether they were told in time. Nobody is named."""
    return _saved(here) or _register(here, here.scope.schools[0] if len(here.scope.schools) == 1 else "")


@bp.get("/schools/<school_id>/breaches")
@allows("breaches.read")
def register(here: Here) -> str | Response:
    return _saved(here) or _register(here, here.school_id)


@bp.post("/schools/<school_id>/breaches")
@allows("breaches.write")
def add(here: Here) -> Response | tuple[str, int]:
    form = request.form
    try:
        breach_id = house().protection.breaches.register(
            here.actor,
            here.scope,
            here.school_id,
            what=form.get("what", ""),
            detected_at=local_moment(form.get("detected_at", "")),
            measures=form.get("measures", ""),
            contact=form.get("contact", ""),
        )
    except Invalid as error:
        return _register(here, here.school_id, refusal=error.code), 422
    return redirect(url_for("admin_breaches.one", school_id=here.school_id, breach_id=breach_id), 303)


@bp.get("/schools/<school_id>/breaches/<breach_id>")
@allows("breaches.read")
def one(here: Here, breach_id: str) -> str:
    return _page(here, breach_id)


@bp.post("/schools/<school_id>/breaches/<breach_id>/<step>")
@allows("breaches.write")
def change(here: Here, breach_id: str, step: str) -> Response | tuple[str, int]:
    """`step` is `describe`, `people`, `forget`, `told` or `close`."""
    breaches, form = house().protection.breaches, request.form
    at = (here.actor, here.scope, breach_id)
    try:
        if step == "describe":
            breaches.describe(
                *at, what=form.get("what", ""), measures=form.get("measures", ""), contact=form.get("contact", "")
            )
        elif step == "people":
            breaches.name_people(*at, form.get("who", ""))
        elif step == "forget":
            breaches.forget_people(*at, form.get("person", ""))
        elif step == "told":
            breaches.told(*at, form.get("how", ""))
        elif step == "close":
            breaches.close(*at)
        else:
            raise Invalid("no such step")
    except (Conflict, Invalid) as error:
        return _page(here, breach_id, refusal=error.code), 422
    return redirect(url_for("admin_breaches.one", school_id=here.school_id, breach_id=breach_id), 303)


@bp.post("/schools/<school_id>/breaches/<breach_id>/notice")
@allows("breaches.notice")
def notice(here: Here, breach_id: str) -> Response | tuple[str, int]:
    """What the authorised body is told, as XLSX, CSV or PDF; the ИИН are in clear here and nowhere else in a list.

    Counted with an alert like every export; not refused, for the law gives one working day.
    """
    kind = request.form.get("format", "")
    if kind not in _TYPES:
        raise Invalid("csv, xlsx or pdf")
    try:
        told = house().protection.breaches.notice(
            here.actor, here.scope, breach_id, reason=request.form.get("reason", ""), kind=kind
        )
    except Invalid as error:
        return _page(here, breach_id, refusal=error.code), 422
    taker = f"person:{here.actor.person_id}"
    house().exports.take(taker, len(told.people), what="breach", school_id=here.school_id, is_duty=True)
    return lists.file(_bytes(told, kind), f"breach-{told.breach.detected_at:%Y-%m-%d}.{kind}", _TYPES[kind])


def _bytes(told: Notice, kind: str) -> bytes:
    if kind == "pdf":
        return breach_notice(told, language=i18n.language(), now=house().clock.now())
    headings = [_("Full name"), _("IIN"), _("Mobile phone"), _("Responsible person"), _("Measures taken")]
    facts = (told.breach.contact, told.breach.measures)
    rows = [(*person, *(facts if number == 0 else ("", ""))) for number, person in enumerate(told.people)]
    rows = rows or [("", "", "", *facts)]
    return tables.csv(headings, rows) if kind == "csv" else tables.xlsx("breach", headings, rows)


def _saved(here: Here) -> Response | None:
    """The register as a file."""
    breaches = house().protection.breaches
    columns = [_("What happened"), _("School"), _("Found out"), _("Tell by"), _("People"), _("Told"), _("State")]
    return lists.exported(here, "breaches", columns, lambda: (
        (one.what, one.school, local_date(one.detected_at), one.due_on, one.people,
         one.notified_at and local_date(one.notified_at), one.state)
        for one in lists.whole(lambda page: breaches.listed(here.scope, page), lists.asked())
    ), right="breaches.read")  # fmt: skip


def _register(here: Here, school_id: str, *, refusal: str = "") -> str:
    now = house().clock.now().astimezone(LOCAL)
    return render_template(
        "admin/breaches.html",
        school_id=here.school_id,
        found=house().protection.breaches.listed(here.scope, lists.asked()),
        late=house().protection.breaches.untold(here.scope)[1],
        may_write=bool(school_id and here.school_id) and here.actor.holds("breaches.write"),
        latest=now.strftime("%Y-%m-%dT%H:%M"),
        refusal=refusal,
        form=request.form,
    )


def _page(here: Here, breach_id: str, *, refusal: str = "") -> str:
    breaches = house().protection.breaches
    found: Listed = breaches.one(here.scope, breach_id)
    # An authority sees that and when it was told; whose data it was, only the school does.
    may_write = here.actor.holds("breaches.write")
    asked = lists.asked()
    candidates = breaches.candidates(here.scope, asked.words) if may_write else []
    return render_template(
        "admin/breach.html",
        school_id=here.school_id,
        breach=found,
        may_write=may_write,
        people=breaches.people(here.scope, breach_id, Asked(page=asked.page, per_page=_PEOPLE)) if may_write else None,
        words=asked.words,
        candidates=candidates,
        shown_people=lists.counted(candidates),
        class_options=[(f"class:{key}", title) for key, title in breaches.classes(here.scope)] if may_write else [],
        refusal=refusal,
    )


def local_moment(text: str) -> datetime:
    """What a field of date and time holds, as local time. Raises Invalid (`breach_incomplete`)."""
    try:
        return datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=LOCAL).astimezone(UTC)
    except ValueError:
        raise Invalid("a day and a time", code="breach_incomplete") from None
