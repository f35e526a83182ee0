"""The cabinet's pages. Each reads UserInfo afresh, the page of a child what the IdP says of it at that moment."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

from clients.cabinet.sections import child_page, children_of, resources_of, sections_for
from clients.kit.access import asked, current_person, just_signed_out, person, signed_in
from clients.kit.i18n import language
from clients.kit.kit import kit
from idp.core.errors import NotFound

bp = Blueprint("cabinet", __name__)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The page of the active role: what somebody came for, without a click."""
    somebody = current_person()
    if somebody is None:
        return render_template("cabinet/welcome.html", signed_out=just_signed_out())
    return _page(sections_for(somebody)[0])


@bp.get("/resources")
@signed_in
def resources() -> ResponseReturnValue:
    return _page("resources")


@bp.get("/children")
@signed_in
def children() -> ResponseReturnValue:
    return _page("children")


@bp.get("/children/<sub>")
@signed_in
def child(sub: str) -> ResponseReturnValue:
    """Whether somebody may still see this child is asked of the IdP with every view: no answer of before is kept."""
    g.section = "children"
    try:
        told = asked(f"/me/children/{quote(sub, safe='')}?{urlencode({'lang': language()})}")
    except NotFound:
        return render_template("cabinet/child_gone.html"), 404
    return render_template("cabinet/child.html", child=child_page(told))


@bp.get("/classes")
@signed_in
def classes() -> ResponseReturnValue:
    return _page("classes")


@bp.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    return _page("me")


def _page(section: str) -> ResponseReturnValue:
    g.section = section
    somebody = person()
    shown: dict[str, Any] = {}
    if section == "resources":
        shown = {"resources": resources_of(somebody, language(), kit().settings.issuer, kit().client_id)}
    elif section == "children":
        shown = {"children": children_of(somebody)}
    elif section == "classes":
        shown = {"taught": somebody.taught_classes}
    return render_template(f"cabinet/{section}.html", **shown)
