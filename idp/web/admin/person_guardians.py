"""One person's guardians or children in the console, and the school's desk that links somebody at once."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Denied, Invalid, NotFound
from idp.services.guardian_desk import AtDesk, Paper
from idp.services.guardian_links import RELATIONS
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_person_guardians", __name__, url_prefix="/admin/schools/<school_id>/people/<person_id>/guardians")

_DAYS = {"begin": "begin_malformed", "end": "end_malformed"}


@bp.get("")
@allows("guardians.read")
def links(here: Here, person_id: str) -> str:
    person = house().directory.face(here.scope, person_id, language=i18n.language())
    found = house().guardian_links.of_person(here.scope, person_id)
    house().viewing.saw(here.actor, person_id, here.school_id, "guardians")
    return render_template(
        "admin/person_guardians.html", person=person, links=found, may_add=here.actor.holds("guardians.write")
    )


@bp.route("/add", methods=["GET", "POST"])
@allows("guardians.write")
def add(here: Here, person_id: str) -> str | Response | tuple[str, int]:
    """A new account's first password is shown here once, to be copied onto paper."""
    person = house().directory.face(here.scope, person_id, language=i18n.language())
    errors: list[str] = []
    if request.method == "POST":
        at_desk = _typed()
        errors = [code for name, code in _DAYS.items() if request.form.get(name, "").strip() and _day(name) is None]
        errors += house().guardian_desk.mistakes(at_desk)
        try:
            if not errors:
                linked = house().guardian_desk.link(here.scope, here.school_id, person_id, at_desk)
                if linked.password:
                    return render_template("admin/guardian_new.html", person=person, linked=linked)
                return redirect(url_for("admin_guardians.one", school_id=here.school_id, link_id=linked.link_id), 303)
        except NotFound as error:
            if error.code != "person_unknown":
                raise
            errors = [error.code]
        except (Conflict, Denied, Invalid) as error:
            errors = [error.code]
    page = render_template(
        "admin/guardian_add.html", person=person, relations=RELATIONS, errors=errors, values=request.form
    )
    return (page, 422) if errors else page


def _typed() -> AtDesk:
    form = request.form
    fields = {
        name: form.get(name, "") for name in ("family_name", "given_name", "middle_name", "iin", "username", "relation")
    }
    paper = Paper(*(form.get(f"paper_{name}", "") for name in ("kind", "number", "issued", "issuer")))
    return AtDesk(
        **fields, paper=paper, begin=_day("begin"), end=_day("end"), is_seen=form.get("seen") == "1"
    )  # fmt: skip


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, "").strip())
    except ValueError:
        return None
