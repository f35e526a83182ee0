"""Guardians of a school's pupils in the console: who waits, who holds, and what the school decides about a link."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.core.errors import Conflict, Invalid
from idp.services.guardian_links import BLOCK_BASES, RELATIONS, STATES
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported, whole
from idp.web.house import house

bp = Blueprint("admin_guardians", __name__, url_prefix="/admin/schools/<school_id>/guardians")


@bp.get("")
@allows("guardians.read")
def listed(here: Here) -> str | Response:
    """Those that wait come first."""
    wanted, links = asked("state", "class"), house().guardian_links
    columns = [_("Child"), _("Class"), _("Guardian"), _("Relation"), _("State")]
    saved = exported(here, "guardians", columns, lambda: (
        (one.child, one.class_title, one.guardian, one.relation, one.state)
        for one in whole(lambda page: links.listed(here.scope, page), wanted)
    ))  # fmt: skip
    if saved is not None:
        return saved
    return render_template(
        "admin/guardians.html",
        found=links.listed(here.scope, wanted),
        may_export=here.actor.holds("people.export"),
        classes=house().guardian_codes.classes(here.scope),
        states=STATES,
        may_invite=here.actor.holds("guardians.invite"),
    )


@bp.get("/<link_id>")
@allows("guardians.read")
def one(here: Here, link_id: str) -> str:
    """One link: on what it stands, who verified it, and what may be decided about it."""
    shown = house().guardian_links.link(here.scope, link_id)
    house().viewing.saw(here.actor, shown.link.child_id, here.school_id, "guardians")
    return render_template(
        "admin/guardian.html",
        shown=shown,
        link=shown.link,
        relations=RELATIONS,
        may={right: here.actor.holds(f"guardians.{right}") for right in ("confirm", "block", "write")},
        changed=request.args.get("changed") == "1",
    )


@bp.post("/<link_id>/confirm")
@allows("guardians.confirm")
def confirm(here: Here, link_id: str) -> Response:
    relation, basis = request.form.get("relation", ""), request.form.get("basis", "")
    return _decided(here, link_id, lambda: house().guardian_links.confirm(
        here.scope, link_id, school_id=here.school_id, relation=relation, basis=basis
    ))  # fmt: skip


@bp.post("/<link_id>/refuse")
@allows("guardians.confirm")
def refuse(here: Here, link_id: str) -> Response:
    links = house().guardian_links
    return _decided(here, link_id, lambda: links.refuse(here.scope, link_id, school_id=here.school_id))


@bp.route("/<link_id>/block", methods=["GET", "POST"])
@allows("guardians.block")
def block(here: Here, link_id: str) -> str | Response | tuple[str, int]:
    """Asks for a strong and recent sign-in before the form, so that nothing typed is lost."""
    links, form = house().guardian_links, request.form
    return _reasoned(here, link_id, "block", lambda: links.block(
        here.scope, link_id, school_id=here.school_id, basis=form.get("basis", ""), reason=form.get("reason", "")
    ))  # fmt: skip


@bp.route("/<link_id>/unblock", methods=["GET", "POST"])
@allows("guardians.block")
def unblock(here: Here, link_id: str) -> str | Response | tuple[str, int]:
    links = house().guardian_links
    return _reasoned(here, link_id, "unblock", lambda: links.unblock(
        here.scope, link_id, school_id=here.school_id, reason=request.form.get("reason", "")
    ))  # fmt: skip


@bp.route("/<link_id>/end", methods=["GET", "POST"])
@allows("guardians.write")
def end(here: Here, link_id: str) -> str | Response | tuple[str, int]:
    links = house().guardian_links
    return _reasoned(here, link_id, "end", lambda: links.end(
        here.scope, link_id, school_id=here.school_id, reason=request.form.get("reason", "")
    ))  # fmt: skip


def _reasoned(here: Here, link_id: str, act: str, decide: Callable[[], None]) -> str | Response | tuple[str, int]:
    """The page that asks for the reason, and its answer."""
    shown, error, status = house().guardian_links.link(here.scope, link_id), "", 200
    if request.method == "POST":
        try:
            return _decided(here, link_id, decide)
        except Invalid as wrong:
            error, status = wrong.code, 422
    page = render_template(
        "admin/guardian_reason.html", link=shown.link, act=act, bases=BLOCK_BASES, error=error, values=request.form
    )
    return page, status


def _decided(here: Here, link_id: str, decide: Callable[[], None]) -> Response:
    """Back to the link. When somebody else was faster, or the button was pressed twice, it shows what is so now."""
    changed = None
    try:
        decide()
    except Conflict:
        changed = "1"
    return redirect(url_for("admin_guardians.one", school_id=here.school_id, link_id=link_id, changed=changed), 303)
