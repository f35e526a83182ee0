"""Steps of cards at /api/v1/schools/<school_id>/cards, for tools of the office: give out, block, take back.

A second press changes nothing: who has a card gets 409 `card_already_active`, a blocked card is blocked.
"""

from __future__ import annotations

from flask import Response, jsonify

from idp.oidc.scopes import ADMIN
from idp.web.admin.door import Here
from idp.web.api import token_door
from idp.web.api.me import members
from idp.web.api.person_door import Caller
from idp.web.api.rights_door import api_allows
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_school_cards", __name__)
_CARDS = "/schools/<school_id>/cards"
_ONE = f"{_CARDS}/<card_id>"


@bp.post(_CARDS)
@told("Gives somebody of the school a card", answer="CardId", scope=ADMIN, body="NewCard", status=201)
@api_allows("cards.write")
def issue(here: Here, _who: Caller) -> tuple[Response, int]:
    sent = members(("person", "number"), ("format",))
    house().directory.face(here.scope, sent["person"])
    card_id = house().cards.issue(here.scope, here.school_id, sent["person"], sent["number"], sent.get("format", ""))
    return jsonify(id=card_id), 201


@bp.post(f"{_ONE}/block")
@told("From now on nobody lets this card in", scope=ADMIN, body="CardReason", status=204)
@api_allows("cards.block")
def block(here: Here, _who: Caller, card_id: str) -> tuple[str, int]:
    house().cards.block(here.scope, card_id, members(("reason",))["reason"])
    return "", 204


@bp.post(f"{_ONE}/unblock")
@told("The card was found again", scope=ADMIN, status=204)
@api_allows("cards.write")
def unblock(here: Here, _who: Caller, card_id: str) -> tuple[str, int]:
    house().cards.unblock(here.scope, card_id)
    return "", 204


@bp.post(f"{_ONE}/return")
@told("The plastic came back to the school", scope=ADMIN, body="CardReason", status=204)
@api_allows("cards.write")
def take_back(here: Here, _who: Caller, card_id: str) -> tuple[str, int]:
    house().cards.take_back(here.scope, card_id, members(("reason",))["reason"])
    return "", 204
