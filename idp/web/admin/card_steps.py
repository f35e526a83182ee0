"""One person's cards in the console: give out, block, replace, take back, and every step with its author."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from idp.core.card_number import FORMATS
from idp.core.errors import BilimError, Conflict, Invalid, NotFound
from idp.services.cards import BLOCK_REASONS, REPLACE_REASONS, RETURN_REASONS
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_card_steps", __name__, url_prefix="/admin")
_ONE = "/schools/<school_id>/people/<person_id>/cards/<card_id>"
_STEPS = {"issued", "blocked", "unblocked", "replaced", "returned"}
Answer = Response | WerkzeugResponse


@bp.get("/schools/<school_id>/people/<person_id>/cards")
@allows("cards.read")
def of_person(here: Here, person_id: str) -> str:
    page = _show(here, person_id)
    house().viewing.saw(here.actor, person_id, here.school_id, "cards")
    return page


@bp.post("/schools/<school_id>/people/<person_id>/cards")
@allows("cards.write")
def issue(here: Here, person_id: str) -> Answer:
    number, format_ = request.form.get("number", ""), request.form.get("format", "")
    return _step(
        here, person_id, "issued",
        lambda: house().cards.issue(here.scope, here.school_id, person_id, number, format_), form="issue",
    )  # fmt: skip


@bp.post(f"{_ONE}/block")
@allows("cards.block")
def block(here: Here, person_id: str, card_id: str) -> Answer:
    """Guards, canteen staff and class teachers may: who finds a card or hears that it is lost blocks it."""
    reason = request.form.get("reason", "")
    return _step(here, person_id, "blocked", lambda: house().cards.block(here.scope, card_id, reason), card=card_id)


@bp.post(f"{_ONE}/unblock")
@allows("cards.write")
def unblock(here: Here, person_id: str, card_id: str) -> Answer:
    return _step(here, person_id, "unblocked", lambda: house().cards.unblock(here.scope, card_id), card=card_id)


@bp.post(f"{_ONE}/replace")
@allows("cards.write")
def replace(here: Here, person_id: str, card_id: str) -> Answer:
    number, format_ = request.form.get("number", ""), request.form.get("format", "")
    reason = request.form.get("reason", "")
    return _step(
        here, person_id, "replaced",
        lambda: house().cards.replace(here.scope, card_id, number, format_, reason=reason),
        form="replace", card=card_id,
    )  # fmt: skip


@bp.post(f"{_ONE}/return")
@allows("cards.write")
def take_back(here: Here, person_id: str, card_id: str) -> Answer:
    reason = request.form.get("reason", "")
    return _step(
        here, person_id, "returned", lambda: house().cards.take_back(here.scope, card_id, reason), card=card_id
    )


def _step(here: Here, person_id: str, step: str, act: Callable[[], object], form: str = "", card: str = "") -> Answer:
    """Back to the page; what was wrong with a number stands at its field. The card must be this person's."""
    house().directory.face(here.scope, person_id, language=i18n.language())  # Raises NotFound outside the scope.
    if card and card not in {one.id for one in house().card_lists.of_person(here.scope, person_id).cards}:
        raise NotFound("no such card of this person")
    try:
        act()
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid) and error.code == "invalid":
            raise
        return _refused(here, person_id, error, form)
    return redirect(
        url_for("admin_card_steps.of_person", school_id=here.school_id, person_id=person_id, done=step), 303
    )


def _refused(here: Here, person_id: str, error: BilimError, form: str) -> Response:
    is_of_field = error.code.startswith("card_number") or error.code == "card_already_active"
    page = _show(here, person_id, problem=error.code, form=form if is_of_field else "")
    return make_response(page, 409 if isinstance(error, Conflict) else 422)


def _show(here: Here, person_id: str, *, problem: str = "", form: str = "") -> str:
    done = request.args.get("done", "")
    return render_template(
        "admin/person_cards.html",
        person=house().directory.face(here.scope, person_id, language=i18n.language()),
        school_id=here.school_id,
        shown=house().card_lists.of_person(here.scope, person_id),
        may={"write": here.actor.holds("cards.write"), "block": here.actor.holds("cards.block")},
        formats=FORMATS,
        chosen=request.form.get("format", "") or house().cards.number_format(here.school_id) or FORMATS[0],
        reasons={"block": BLOCK_REASONS, "replace": REPLACE_REASONS, "take_back": RETURN_REASONS},
        problem=problem,
        form=form,
        done=f"card_{done}" if done in _STEPS else "",
    )
