"""Consents of a school: who has answered what, the inbox of withdrawals, one answer with its proof."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.clock import local_date
from idp.core.errors import Conflict, Invalid
from idp.services.consent_reading import STATES, Evidence
from idp.services.listing import Found
from idp.web import consent_files
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, counted, exported
from idp.web.house import house

bp = Blueprint("admin_consents", __name__, url_prefix="/admin/schools/<school_id>/consents")


@bp.get("")
@allows("consents.read")
def consents(here: Here) -> str | Response:
    """One text at a time, pupil by pupil; the first one that is asked unless the address names another."""
    desk = house().consent_desk
    wanted = asked("text", "class", "state")
    texts = [text for text in desk.texts.all(here.scope, current=True) if text.contents.get("audience") != "staff"]
    text = next((one for one in texts if one.id == wanted.filters["text"]), texts[0] if texts else None)
    if text is not None:
        columns = [
            _("Name"), _("Class"), _("State"), _("How"), _("Answered"), _("Ends on"), _("Read by the pupil"),
        ]  # fmt: skip
        answer = exported(
            here,
            "consents",
            columns,
            lambda: (
                (row.name, row.class_title, row.state, row.channel or "", row.given_at and local_date(row.given_at),
                 row.expires_on, row.acknowledged_at and local_date(row.acknowledged_at))
                for row in desk.reading.export(here.scope, text, wanted)
            ),
        )  # fmt: skip
        if answer is not None:
            return answer
    found = desk.reading.listing(here.scope, text, wanted) if text is not None else Found([], 0, wanted)
    return render_template(
        "admin/consents.html", found=found, texts=texts, text=text, states=STATES,
        classes=desk.reading.homerooms(here.scope), waiting=desk.reading.count_withdrawals(here.scope),
        may_write=here.actor.holds("consents.texts"), may_export=here.actor.holds("people.export"),
    )  # fmt: skip


@bp.get("/withdrawals")
@allows("consents.answer")
def withdrawals(here: Here) -> str:
    """The inbox of who answers for personal data: each with its clock."""
    waiting = house().consent_desk.reading.withdrawals(here.scope)
    return render_template("admin/consent_withdrawals.html", waiting=waiting, shown_people=counted(waiting))


@bp.get("/records/<record_id>")
@allows("consents.read")
def record(here: Here, record_id: str) -> str:
    return _show(here, _one(here, record_id))


@bp.post("/records/<record_id>/stopped")
@allows("consents.answer")
def stopped(here: Here, record_id: str) -> str | Response | tuple[str, int]:
    """What depended on the consent has stopped."""
    return _answer(here, record_id, "")


@bp.post("/records/<record_id>/refuse")
@allows("consents.answer")
def refuse(here: Here, record_id: str) -> str | Response | tuple[str, int]:
    """The law forbids it, or an obligation is open; the reason is told to the person."""
    return _answer(here, record_id, request.form.get("reason", "") or " ")


@bp.get("/records/<record_id>/proof.json")
@allows("consents.read")
def proof(here: Here, record_id: str) -> Response:
    return consent_files.proof(_one(here, record_id))


@bp.get("/records/<record_id>/card.pdf")
@allows("consents.read")
def card(here: Here, record_id: str) -> Response:
    return consent_files.card(_one(here, record_id))


def _answer(here: Here, record_id: str, reason: str) -> str | Response | tuple[str, int]:
    answers, actor_id = house().consent_desk.answers, here.actor.person_id
    try:
        if reason:
            answers.refuse(actor_id, here.school_id, record_id, reason)
        else:
            answers.confirm_stopped(actor_id, here.school_id, record_id)
    except (Conflict, Invalid) as error:
        return _show(here, _one(here, record_id), error=error.code), 422
    return redirect(url_for("admin_consents.record", school_id=here.school_id, record_id=record_id), 303)


def _one(here: Here, record_id: str) -> Evidence:
    """The answer, and that somebody looked at it."""
    shown = house().consent_desk.reading.of_school(here.scope, here.school_id, record_id)
    house().viewing.saw(here.actor, shown.record.person_id, here.school_id, "consents")
    return shown


def _show(here: Here, shown: Evidence, *, error: str = "") -> str:
    today = local_date(house().clock.now())
    is_late = shown.record.stop_by is not None and shown.record.stop_by < today
    return render_template(
        "admin/consent_record.html", shown=shown, error=error, is_late=is_late,
        reason=request.form.get("reason", ""), may_answer=here.actor.holds("consents.answer"),
    )  # fmt: skip
