"""/api/v1/me: what the account shows of the person themselves, for apps with their token."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, g

from idp.core import levels
from idp.core.errors import Invalid, NotFound
from idp.oidc.scopes import ME, ME_DATA, ME_WRITE
from idp.services import person_members
from idp.services.acting import StepUp
from idp.services.rights import RECENT
from idp.web import i18n
from idp.web.api import shapes, token_door
from idp.web.api.person_door import Caller, caller
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_me", __name__)


@bp.get("/me")
@told("Who signed in, their roles, and the one they are in", answer="Me", scope=ME)
def me() -> Response:
    who = caller()
    person = house().credentials.person(who.person_id)
    if person is None:
        raise NotFound("no such person")
    russian = i18n.language() == "ru"
    roles = [
        {
            "role": one.role,
            "school": shapes.school(one.school_id or "", (one.school_name_ru if russian else "") or one.school_name),
            "grade": one.grade,
            "active": one.id == who.grant.membership_id,
        }
        for one in house().sessions.memberships(who.person_id)
    ]
    whole = {
        "sub": who.sub(who.person_id),
        "name": person.name,
        "family_name": person.family_name,
        "given_name": person.given_name,
        "middle_name": person.middle_name,
        "preferred_username": person.username,
        "locale": person.language,
        "roles": roles,
        "acr": who.grant.acr,
        "auth_time": who.grant.auth_time.isoformat(),
        "sessions": len(house().sessions.of_person(who.person_id)),
    }
    return who.answers(who.shows("Me", who.person_id, whole))


@bp.get("/me/cards")
@told("The own card as it is now", answer="Card", scope=ME)
def card() -> Response:
    who = caller()
    return card_of(who, who.person_id)


@bp.post("/me/cards/block")
@told("Reports the own card lost: from now on it works nowhere; twice is no error", answer="Card", scope=ME_WRITE)
def block_card() -> Response:
    who = caller(ME_WRITE)
    house().cards.block_own(who.person_id, who.person_id)
    return card_of(who, who.person_id)


def card_of(who: Caller, person_id: str) -> Response:
    return who.answers(who.shows("Card", person_id, {"card": shapes.card(who, person_id)}))


@bp.get("/me/access")
@told("Who has received or seen the own data in the last year", answer="Access", scope=ME)
def access() -> Response:
    who = caller()
    return access_of(who, who.person_id)


def access_of(who: Caller, person_id: str) -> Response:
    found = house().my_access.of(person_id, language=i18n.language())
    return who.answers(who.shows("Access", person_id, shapes.seen(found)))


@bp.get("/me/data")
@told("A copy of everything that is kept about the person; asks for a recent sign-in", answer="Copy", scope=ME_DATA)
def data() -> Response:
    who = caller(ME_DATA)
    return copied(who, who.person_id)


def copied(who: Caller, person_id: str) -> Response:
    """A whole copy leaves only for who proved a moment ago who they are; the ИИН only for a client with a basis."""
    proved(who, RECENT)
    house().exports.take(f"person:{who.person_id}", 1)
    found = house().my_data.copy(who.person_id, person_id, acr=who.grant.acr)
    if "iin" not in who.client.approved_claims:
        for row in found["tables"]["people"]["rows"]:
            row["iin"] = ""
    who.told[person_id] = person_members.copied(found["tables"])
    return who.answers(found)


def proved(who: Caller, recent: timedelta, acr: str = levels.PASSWORD) -> None:
    """Raises StepUp when the sign-in behind the token is weaker than `acr` or older than `recent`."""
    g.needed_recent = recent
    is_old = house().clock.now() - who.grant.auth_time > recent
    if is_old or not levels.satisfies(who.grant.acr, (acr,)):
        raise StepUp(acr)


def members(required: tuple[str, ...], others: tuple[str, ...] = ()) -> dict[str, str]:
    """The members of the body, all of them texts. Raises Invalid for what is missing, unknown or no text."""
    sent = token_door.body()
    if not isinstance(sent, dict) or not all(isinstance(value, str) for value in sent.values()):
        raise Invalid("the body must be an object whose members are texts")
    unknown, missing = set(sent) - {*required, *others}, [name for name in required if not sent.get(name)]
    if unknown or missing or any("\x00" in value for value in sent.values()):
        raise Invalid(f"needed: {', '.join(required)}; allowed beside: {', '.join(others) or 'nothing'}")
    return {str(name): str(value) for name, value in sent.items()}
