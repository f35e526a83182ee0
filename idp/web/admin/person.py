"""One person in the console: facts, their change, roles, ИИН, a new first password, the end of sessions."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.clock import local_date
from idp.core.errors import Invalid, NotFound
from idp.documents.sheets import password_sheet
from idp.services.person_form import Mistakes
from idp.services.rank import grantable
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import file
from idp.web.house import house

bp = Blueprint("admin_person", __name__, url_prefix="/admin")
_PERSON = "/schools/<school_id>/people/<person_id>"


@bp.get(_PERSON)
@allows("people.read")
def facts(here: Here, person_id: str) -> str | WerkzeugResponse:
    """A record that was merged leads to the one that was kept."""
    try:
        return _page(here, person_id)
    except NotFound:
        kept = house().directory.kept(here.scope, person_id)
        return redirect(url_for("admin_person.facts", school_id=here.school_id, person_id=kept, done="merged"), 303)


def _page(here: Here, person_id: str, *, wrong: Mapping[str, str] | None = None, near: str = "", iin: str = "") -> str:
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    shown = house().person_facts.of(here.scope, person_id)
    house().viewing.saw(here.actor, person_id, here.school_id, "facts")
    may_write = here.actor.holds("people.write") and shown.is_editable
    return render_template(
        "admin/person_facts.html",
        person=face,
        facts=shown,
        wrong=wrong or {},
        near=near,
        iin=iin,
        may_write=may_write,
        may_iin=here.actor.holds("people.iin"),
        may_set_iin=here.actor.holds("people.secrets") and shown.is_editable,
        may_merge=here.actor.holds("people.merge"),
        may_sessions=here.actor.holds("people.sessions") and shown.is_editable,
        may_reset=here.actor.holds("people.secrets") and shown.is_editable and person_id != here.actor.person_id,
        roles=_grantable(here) if here.actor.holds("people.secrets") else (),
        homerooms=house().people_lists.homerooms(here.scope) if here.actor.holds("people.secrets") else [],
    )


def _grantable(here: Here) -> tuple[str, ...]:
    is_school = house().imports.takes_files(here.scope, here.school_id)
    return grantable(here.actor.role, is_authority=not is_school)


@bp.get(f"{_PERSON}/edit")
@allows("people.write")
def edit(here: Here, person_id: str) -> str:
    house().person_edits.check_may_change(here.actor, here.scope, person_id)
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    values = _values(house().person_facts.of(here.scope, person_id))
    house().viewing.saw(here.actor, person_id, here.school_id, "facts")
    return render_template("admin/person_edit.html", person=face, values=values, wrong={})


def _values(shown: object) -> dict[str, str]:
    names = ("family_name", "given_name", "middle_name", "birth_date", "sex", "language", "email", "phone")
    return {name: str(getattr(shown, name) or "") for name in names}


@bp.post(f"{_PERSON}/edit")
@allows("people.write")
def change(here: Here, person_id: str) -> WerkzeugResponse | tuple[str, int]:
    try:
        house().person_edits.change(here.actor, here.scope, person_id, request.form)
    except Mistakes as error:
        face = house().directory.face(here.scope, person_id, language=i18n.language())
        page = render_template("admin/person_edit.html", person=face, values=request.form, wrong=error.fields)
        return page, 422
    return _back(here, person_id, "changed")


@bp.post(f"{_PERSON}/iin/show")
@allows("people.iin")
def show_iin(here: Here, person_id: str) -> Response:
    """Never by an address: the number and the reason stay out of logs and histories."""
    try:
        number = house().person_facts.iin(here.actor, here.scope, person_id, request.form.get("reason", ""))
    except Invalid as error:
        if error.code != "reason":
            raise
        return make_response(_page(here, person_id, wrong={"reason": "reason"}), 422)
    answer = make_response(_page(here, person_id, iin=number))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post(f"{_PERSON}/iin")
@allows("people.secrets")
def set_iin(here: Here, person_id: str) -> WerkzeugResponse:
    """A way in as much as a password: an ЭЦҚ finds the account by it."""
    try:
        house().person_edits.set_iin(here.actor, here.scope, person_id, request.form.get("iin", ""))
    except Mistakes as error:
        return make_response(_page(here, person_id, wrong=error.fields, near=error.person_id), 422)
    return _back(here, person_id, "changed")


@bp.post(f"{_PERSON}/roles/new")
@allows("people.secrets")
def add_role(here: Here, person_id: str) -> WerkzeugResponse:
    role, class_id = request.form.get("role", ""), request.form.get("class", "")
    try:
        house().person_edits.add_membership(
            here.actor, here.scope, person_id, role, class_id if role == "pupil" else ""
        )
    except Mistakes as error:
        return make_response(_page(here, person_id, wrong=error.fields), 422)
    return _back(here, person_id, "changed")


@bp.post(f"{_PERSON}/roles/<membership_id>/end")
@allows("people.secrets")
def end_role(here: Here, person_id: str, membership_id: str) -> WerkzeugResponse:
    house().person_edits.end_membership(here.actor, here.scope, person_id, membership_id)
    return _back(here, person_id, "changed")


@bp.post(f"{_PERSON}/sessions/end")
@allows("people.sessions")
def end_sessions(here: Here, person_id: str) -> WerkzeugResponse:
    house().person_edits.end_sessions(here.actor, here.scope, person_id)
    return _back(here, person_id, "sessions")


@bp.post(f"{_PERSON}/password")
@allows("people.secrets")
def reset_password(here: Here, person_id: str) -> Response:
    """A sheet to print, once: the old password and every session end with it."""
    check = house().person_edits.check_may_reset(here.actor, here.scope, person_id)
    sheet = house().sheets.of_person(here.scope, person_id)
    now = house().clock.now()
    body = password_sheet(sheet, lang=i18n.language(), address=f"{house().issuer}/account", now=now)
    house().sheets.store(sheet, actor_id=here.actor.person_id, school_id=here.school_id, check=check)
    answer = file(body, f"password-{local_date(now).isoformat()}.pdf", "application/pdf")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post(f"{_PERSON}/factors/reset")
@allows("people.secrets")
def reset_factors(here: Here, person_id: str) -> WerkzeugResponse:
    """For who has lost the phone: the password stays, second factors and every session go."""
    check = house().person_edits.check_may_reset(here.actor, here.scope, person_id)
    house().sign_in.factors.reset(here.scope, person_id, here.actor.person_id, check=check)
    return _back(here, person_id, "factors")


def _back(here: Here, person_id: str, done: str) -> WerkzeugResponse:
    return redirect(url_for("admin_person.facts", school_id=here.school_id, person_id=person_id, done=done), 303)
