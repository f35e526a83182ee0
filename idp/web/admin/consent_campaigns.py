"""Campaigns of a school: whom it asks until when, how far each class is, who has not answered, slips to print."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.services.forms import Wrong
from idp.services.listing import Found
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported
from idp.web.house import house

bp = Blueprint("admin_consents_campaigns", __name__, url_prefix="/admin/schools/<school_id>/consents/campaigns")


@bp.get("")
@allows("consents.read")
def campaigns(here: Here) -> str:
    listed = house().consent_desk.campaigns.all(here.scope)
    return render_template(
        "admin/consent_campaigns.html", listed=listed, may_begin=here.actor.holds("consents.campaigns")
    )  # fmt: skip


@bp.get("/new")
@allows("consents.campaigns")
def new(here: Here) -> str:
    return _form(here)


@bp.post("/new")
@allows("consents.campaigns")
def begin(here: Here) -> Response | tuple[str, int]:
    form = request.form
    try:
        campaign_id = house().consent_desk.campaigns.begin(
            here.scope, here.school_id, here.actor, form, form.getlist("texts"), form.getlist("classes")
        )
    except Wrong as error:
        return _form(here, wrong=error.fields), 422
    return _to(here, campaign_id)


@bp.get("/<campaign_id>")
@allows("consents.read")
def campaign(here: Here, campaign_id: str) -> str | Response:
    """Progress by class, and who has not answered; a class teacher sees the own class."""
    wanted = asked("class")
    progress = house().consent_desk.campaigns.progress(here.scope, campaign_id, class_id=wanted.filters["class"])
    rows = [
        (one.name, one.class_title, ", ".join(str(text.title["kk"]) for text in one.texts)) for one in progress.silent
    ]
    answer = exported(here, "silent", [_("Name"), _("Class"), _("What is missing")], rows)
    if answer is not None:
        return answer
    silent = progress.silent[wanted.offset : wanted.offset + wanted.per_page]
    return render_template(
        "admin/consent_campaign.html", progress=progress, found=Found(silent, len(progress.silent), wanted),
        may_close=here.actor.holds("consents.campaigns"), may_export=here.actor.holds("people.export"),
    )  # fmt: skip


@bp.get("/<campaign_id>/slips")
@allows("consents.read")
def slips(here: Here, campaign_id: str) -> str:
    """A reminder for each pupil without an answer, to be printed, cut and handed out; no username, no code."""
    class_id = request.args.get("class", "")
    progress = house().consent_desk.campaigns.progress(here.scope, campaign_id, class_id=class_id)
    house().exports.take(f"person:{here.actor.person_id}", len(progress.silent), school_id=here.school_id)
    return render_template("admin/consent_slips.html", progress=progress, site=house().issuer)


@bp.post("/<campaign_id>/close")
@allows("consents.campaigns")
def close(here: Here, campaign_id: str) -> Response:
    house().consent_desk.campaigns.close(here.scope, campaign_id, here.actor)
    return _to(here, campaign_id)


def _to(here: Here, campaign_id: str) -> Response:
    where = url_for("admin_consents_campaigns.campaign", school_id=here.school_id, campaign_id=campaign_id)
    return redirect(where, 303)


def _form(here: Here, *, wrong: dict[str, str] | None = None) -> str:
    texts, classes = house().consent_desk.campaigns.choices(here.scope)
    return render_template(
        "admin/consent_campaign_form.html", texts=texts, classes=classes, wrong=wrong or {}, sent=request.form
    )  # fmt: skip
