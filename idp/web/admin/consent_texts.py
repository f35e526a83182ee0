"""The texts of a school's consents: versions, drafts, publishing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Invalid
from idp.documents import consent_drafts
from idp.services.consent_contents import AUDIENCES, LANGUAGES, PASSING, Incomplete
from idp.services.consent_document import WORDS, facts
from idp.services.consent_texts import PURPOSES, Draft
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_consents_texts", __name__, url_prefix="/admin/schools/<school_id>/consents/texts")


@bp.get("")
@allows("consents.texts")
def texts(here: Here) -> str:
    listed = house().consent_desk.texts.all(here.scope)
    return render_template("admin/consent_texts.html", listed=listed, purposes=PURPOSES)


@bp.get("/new")
@allows("consents.texts")
def new(here: Here) -> str:
    """A form that begins with the version before, or with our draft for the purpose."""
    purpose, desk = request.args.get("purpose", ""), house().consent_desk
    if purpose not in PURPOSES:
        purpose = PURPOSES[0]
    recipient = request.args.get("recipient", "")
    before = [row for row in desk.texts.all(here.scope) if (row.purpose, row.recipient) == (purpose, recipient)]
    if before:
        draft = Draft(before[0].title, before[0].body, before[0].contents)
    else:
        school = desk.texts.school(here.scope, here.school_id)
        draft = consent_drafts.draft(Path(str(current_app.template_folder)), purpose, school)
    return _form(here, draft, purpose=purpose, recipient=recipient, is_ours=not before)


@bp.post("/new")
@allows("consents.texts")
def begin(here: Here) -> str | Response | tuple[str, int]:
    draft, form = typed(), request.form
    purpose, recipient = form.get("purpose", ""), form.get("recipient", "")
    try:
        text_id = house().consent_desk.texts.draft(
            here.scope, here.school_id, here.actor, purpose, recipient, draft
        )  # fmt: skip
    except (Conflict, Invalid) as error:
        return _form(here, draft, purpose=purpose, recipient=recipient, error=error.code), 422
    return redirect(url_for("admin_consents_texts.text", school_id=here.school_id, text_id=text_id), 303)


@bp.get("/<text_id>")
@allows("consents.texts")
def text(here: Here, text_id: str) -> str:
    return _text(here, text_id)


@bp.post("/<text_id>")
@allows("consents.texts")
def change(here: Here, text_id: str) -> str | Response | tuple[str, int]:
    """Saves a draft, complete or not."""
    try:
        house().consent_desk.texts.change(here.scope, text_id, here.actor, typed())
    except Conflict as error:
        return _text(here, text_id, error=error.code), 409
    return redirect(url_for("admin_consents_texts.text", school_id=here.school_id, text_id=text_id), 303)


@bp.post("/<text_id>/publish")
@allows("consents.texts")
def publish(here: Here, text_id: str) -> Response | tuple[str, int]:
    """Asks everybody from now on."""
    try:
        house().consent_desk.texts.publish(here.scope, text_id, here.actor)
    except (Conflict, Incomplete) as error:
        return _text(here, text_id, error=error.code), 422
    return redirect(url_for("admin_consents_texts.text", school_id=here.school_id, text_id=text_id), 303)


@bp.post("/<text_id>/retire")
@allows("consents.texts")
def retire(here: Here, text_id: str) -> Response | tuple[str, int]:
    """Asks nobody any more."""
    try:
        house().consent_desk.texts.retire(here.scope, text_id, here.actor)
    except Conflict as error:
        return _text(here, text_id, error=error.code), 422
    return redirect(url_for("admin_consents_texts.text", school_id=here.school_id, text_id=text_id), 303)


@bp.post("/<text_id>/basis")
@allows("consents.texts")
def basis(here: Here, text_id: str) -> Response | tuple[str, int]:
    """A law is the basis from now on: nobody is asked, and what was given is no longer needed."""
    words = {one: request.form.get(f"basis_{one}", "").strip() for one in LANGUAGES}
    try:
        house().consent_desk.texts.rest_on_law(here.scope, text_id, here.actor, words)
    except (Conflict, Invalid) as error:
        return _text(here, text_id, error=error.code), 422
    return redirect(url_for("admin_consents_texts.texts", school_id=here.school_id), 303)


@bp.post("/<text_id>/drop")
@allows("consents.texts")
def drop(here: Here, text_id: str) -> Response | tuple[str, int]:
    """Throws a draft away."""
    try:
        house().consent_desk.texts.drop(here.scope, text_id, here.actor)
    except Conflict as error:
        return _text(here, text_id, error=error.code), 422
    return redirect(url_for("admin_consents_texts.texts", school_id=here.school_id), 303)


def typed() -> Draft:
    """What the form holds; what is wrong with it is said by the service when it is to be published."""
    form = request.form
    days = form.get("term_days", "").strip()

    def words(name: str) -> dict[str, str]:
        return {one: form.get(f"{name}_{one}", "").replace("\r\n", "\n").strip() for one in LANGUAGES}

    contents: dict[str, Any] = {
        "operator_name": words("operator_name"),
        "operator_bin": "".join(form.get("operator_bin", "").split()),
        "term_days": int(days) if days.isascii() and days.isdigit() and len(days) < 6 else None,
        "term_text": words("term_text"),
        "data": {one: _lines(text) for one, text in words("data").items()},
        "notes": words("notes"),
        "audience": form.get("audience", ""),
    }
    for name in PASSING:
        said = {"yes": True, "no": False}.get(form.get(f"{name}_is", ""))
        contents[name] = {"is": said} | words(name)
    return Draft(words("title"), words("body"), contents)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _text(here: Here, text_id: str, *, error: str = "") -> str:
    looked = house().consent_desk.texts.look(here.scope, text_id)
    row = looked.text
    if row.published_at is None:
        draft = Draft(row.title, row.body, row.contents)
        return _form(
            here, draft, purpose=row.purpose, recipient=row.recipient, error=error, looked=looked
        )  # fmt: skip
    shown = {language: facts(row, language) for language in LANGUAGES}
    return render_template(
        "admin/consent_text.html", looked=looked, text=row, facts=shown, words=WORDS, error=error, sent=request.form
    )  # fmt: skip


def _form(here: Here, draft: Draft, **values: object) -> str:
    known = {"looked": None, "error": "", "is_ours": False} | values
    return render_template(
        "admin/consent_text_form.html", draft=draft, purposes=PURPOSES, audiences=AUDIENCES, passing=PASSING,
        receivers=house().consent_desk.texts.receivers(), **known,
    )  # fmt: skip
