"""/api/v1/me/requests: what the law lets a person demand over their own or their child's data."""

from __future__ import annotations

from typing import Any

from flask import Response

from idp.core.errors import Invalid, NotFound
from idp.oidc.scopes import ME, ME_WRITE
from idp.services.person_form import Mistakes
from idp.services.subject_requests import FIELDS, KINDS, Listed, mistakes
from idp.web import i18n
from idp.web.api import shapes, token_door
from idp.web.api.person_door import Caller, caller
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_me_requests", __name__)
_MEMBERS = {"kind", "sub", "school", "text", "fields"}


@bp.get("/me/requests")
@told("Requests made by or about the person, and about whom one may be made", answer="Requests", scope=ME)
def listed() -> Response:
    who, language = caller(), i18n.language()
    about = [
        who.shows("Subject" if one.is_self else "ChildSubject", one.person_id, {
            "sub": who.sub(one.person_id),
            "name": one.name,
            "school": shapes.school(one.school_id, one.school_ru if language == "ru" else one.school),
            "is_self": one.is_self,
        })
        for one in _subjects(who)
    ]  # fmt: skip
    kinds = [{"kind": kind, "working_days": term.days, "by_law": term.by_law} for kind, term in KINDS.items()]
    return who.answers({"requests": [_shown(who, one) for one in _own(who)], "about": about, "kinds": kinds})


@bp.post("/me/requests")
@told("Makes a request; the same one that still waits is told as 409", answer="Request", scope=ME_WRITE, body="NewRequest", status=201)  # fmt: skip  # noqa: E501
def make() -> tuple[Response, int]:
    who, sent = caller(ME_WRITE), _read()
    wrong = mistakes(sent["kind"], sent["text"], sent["fields"])
    if wrong:
        raise Mistakes(wrong)
    about = next(
        (
            one for one in _subjects(who)
            if who.sub(one.person_id) == sent["sub"] and one.school_id == sent["school"]
        ),
        None,
    )  # fmt: skip
    if about is None:
        raise NotFound("nobody you may act for")
    made = house().protection.requests.make(
        who.person_id, sent["kind"], about=about.person_id, school_id=about.school_id, text=sent["text"],
        fields=sent["fields"],
    )  # fmt: skip
    one = house().protection.requests.one_of_person(who.person_id, made)
    return who.answers(_shown(who, one)), 201


@bp.post("/me/requests/<request_id>/take-back")
@told("Takes back an own request that nobody has answered yet", answer="Request", scope=ME_WRITE)
def take_back(request_id: str) -> Response:
    who = caller(ME_WRITE)
    requests = house().protection.requests
    known = next((one.id for one in _own(who) if who.id_of("requests", one.id) == request_id), "")
    requests.take_back(who.person_id, known)
    one = requests.one_of_person(who.person_id, known)
    return who.answers(_shown(who, one))


def _shown(who: Caller, one: Listed) -> dict[str, Any]:
    shape = "Request" if one.person_id == who.person_id else "ChildRequest"
    return who.shows(shape, one.person_id, shapes.subject_request(who, one, language=i18n.language()))


def _open(who: Caller) -> set[str]:
    """Oneself, and children whom this app may know and of whom it may be told."""
    return {who.person_id, *(one.person_id for one in who.children() if not one.is_restricted)}


def _own(who: Caller) -> list[Listed]:
    """About oneself and children one may act for now: what was asked for a child goes with the link."""
    about = _open(who)
    return [one for one in house().protection.requests.of_person(who.person_id) if one.person_id in about]


def _subjects(who: Caller) -> list[Any]:
    """Oneself, and children of who is here as a guardian."""
    about = _open(who)
    found = house().protection.requests.subjects(who.person_id)
    return [one for one in found if one.is_self or one.person_id in about]


def _read() -> dict[str, Any]:
    sent = token_door.body()
    if not isinstance(sent, dict) or set(sent) - _MEMBERS:
        raise Invalid(f"the body is an object with {', '.join(sorted(_MEMBERS))}")
    texts = {name: sent.get(name, "") for name in ("kind", "sub", "school", "text")}
    fields = sent.get("fields", {})
    if not isinstance(fields, dict) or set(fields) - set(FIELDS):
        raise Invalid(f"fields may hold {', '.join(FIELDS)}")
    if not all(isinstance(value, str) and "\x00" not in value for value in (*texts.values(), *fields.values())):
        raise Invalid("every member is a text")
    if texts["kind"] not in KINDS:
        raise Invalid(f"kind is one of {', '.join(KINDS)}")
    return {**texts, "fields": fields if texts["kind"] == "correction" else {}}
