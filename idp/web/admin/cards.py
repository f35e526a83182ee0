"""The register of cards of a school: the list, whose card a number is, how its readers write numbers."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.card_number import FORMATS
from idp.core.errors import Invalid, NotFound
from idp.services.card_lists import ListedCard
from idp.services.listing import Found
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported
from idp.web.house import house

bp = Blueprint("admin_cards", __name__, url_prefix="/admin")
_MOST_EXPORTED = 20_000
_PER_PAGE = 25
"""So that a page with the search by number above it stays under 50 KB."""


@bp.get("/schools/<school_id>/cards")
@allows("cards.read")
def cards(here: Here) -> str | WerkzeugResponse:
    wanted = replace(asked("state", "class"), per_page=_PER_PAGE)

    def rows() -> list[tuple[object, ...]]:
        found = house().card_lists.listed(here.scope, replace(wanted, page=1, per_page=_MOST_EXPORTED))
        return [(one.name, one.class_title, one.hint, one.state, one.reason, one.changed_at) for one in found.rows]

    columns = (_("Name"), _("Class"), _("Number ends in"), _("State"), _("Reason"), _("Changed"))
    saved = exported(here, "cards", columns, rows)
    if saved is not None:
        return saved
    return _show(here, house().card_lists.listed(here.scope, wanted))


def _show(here: Here, found: Found[ListedCard], problem: str = "") -> str:
    return render_template(
        "admin/cards.html",
        school_id=here.school_id,
        found=found,
        classes=house().card_lists.classes(here.scope),
        formats=FORMATS,
        chosen=house().cards.number_format(here.school_id) or FORMATS[0],
        may={"write": here.actor.holds("cards.write")},
        problem=problem,
        saved=request.args.get("saved") == "1",
    )


@bp.post("/schools/<school_id>/cards/find")
@allows("cards.read")
def find(here: Here) -> Response | WerkzeugResponse:
    """From a number typed or read to its holder. Posted, for a number belongs into no address and no log."""
    number, format_ = request.form.get("number", ""), request.form.get("format", "")
    try:
        found = house().cards.find(here.scope, here.school_id, number, format_)
        if not found:
            raise NotFound("no card with this number", code="card_unknown")
    except (Invalid, NotFound) as error:
        everything = house().card_lists.listed(here.scope, replace(asked("state", "class"), per_page=_PER_PAGE))
        return make_response(_show(here, everything, error.code), 422 if isinstance(error, Invalid) else 404)
    place = url_for("admin_card_steps.of_person", school_id=here.school_id, person_id=found[0].person_id)
    return redirect(place, 303)


@bp.post("/schools/<school_id>/cards/format")
@allows("cards.write")
def set_format(here: Here) -> WerkzeugResponse:
    house().cards.set_number_format(here.scope, here.school_id, request.form.get("format", ""))
    return redirect(url_for("admin_cards.cards", school_id=here.school_id, saved="1"), 303)
