"""/api/v1/me/children: children somebody may act for. Whether they still may is asked at every single call."""

from __future__ import annotations

from typing import Any

from flask import Response

from idp.oidc.scopes import ME, ME_DATA, ME_WRITE
from idp.services.guardians import Child
from idp.web import i18n
from idp.web.api import me, shapes, token_door
from idp.web.api.person_door import Caller, caller
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_me_children", __name__)
_CHILD = "/me/children/<sub>"


@bp.get("/me/children")
@told("Children the person may act for now, in all schools", answer="Children", scope=ME)
def children() -> Response:
    """Of whose data are blocked only that: nothing of them goes to another system (Law № 94-V art. 25(2)(8))."""
    who = caller()
    rows = [who.shows("ChildRow", one.person_id, _row(who, one)) for one in who.children()]
    return who.answers(who.shows("Children", who.person_id, {"children": rows}))


@bp.get(_CHILD)
@told("One child: school, class, class teacher, card, consents that wait", answer="Child", scope=ME)
def one(sub: str) -> Response:
    """A link that a school blocked a moment ago is a child that does not exist."""
    who = caller()
    child, language = who.child(sub), i18n.language()
    if child.is_restricted:
        return who.answers(who.shows("Child", child.person_id, _row(who, child)))
    reading = house().consent_desk.reading
    listed = reading.about(who.person_id, child.person_id, language=language) if child.may_act else []
    whole = _row(who, child) | {
        "class": shapes.klass(house().child_classes.of(who.person_id, child)),
        "card": shapes.card(who, child.person_id),
        "consents": {
            "waiting": sum(about.waiting for about in listed),
            "states": [
                {"title": dict(item.text.title), "purpose": item.text.purpose, "state": item.state}
                for about in listed
                for item in about.items
            ],
        },
    }
    return who.answers(who.shows("Child", child.person_id, whole))


@bp.get(f"{_CHILD}/cards")
@told("The child's card as it is now", answer="Card", scope=ME)
def card(sub: str) -> Response:
    who, child = _asked(sub)
    return me.card_of(who, child.person_id)


@bp.post(f"{_CHILD}/cards/block")
@told("Reports the child's card lost: from now on it works nowhere", answer="Card", scope=ME_WRITE)
def block_card(sub: str) -> Response:
    who, child = _acting(sub, ME_WRITE)
    house().cards.block_own(who.person_id, child.person_id)
    return me.card_of(who, child.person_id)


@bp.get(f"{_CHILD}/access")
@told("Who has received or seen the child's data in the last year", answer="Access", scope=ME)
def access(sub: str) -> Response:
    who, child = _acting(sub)
    return me.access_of(who, child.person_id)


@bp.get(f"{_CHILD}/data")
@told("A copy of everything that is kept about the child; asks for a recent sign-in", answer="Copy", scope=ME_DATA)
def data(sub: str) -> Response:
    who, child = _acting(sub, ME_DATA)
    return me.copied(who, child.person_id)


def _acting(sub: str, scope: str = ME) -> tuple[Caller, Child]:
    """As `_asked`. Raises Denied for who is of age."""
    who, child = _asked(sub, scope)
    return who, house().guardians.acting_for(who.person_id, child.person_id)


def _asked(sub: str, scope: str = ME) -> tuple[Caller, Child]:
    who = caller(scope)
    return who, who.open_child(sub)


def _row(who: Caller, one: Child) -> dict[str, Any]:
    if one.is_restricted:
        return {"sub": who.sub(one.person_id), "restricted": True}
    return shapes.child(who, one, language=i18n.language())
