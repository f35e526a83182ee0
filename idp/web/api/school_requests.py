"""Requests of subjects at /api/v1/schools/<school_id>/requests: the inbox, one of them, and its answer.

Of whom processing is blocked no name and no words go to another system, as everywhere (Law № 94-V art. 25(2)(8)).
"""

from __future__ import annotations

from typing import Any

from flask import Response

from idp.core.errors import Invalid
from idp.oidc.scopes import ADMIN
from idp.services.subject_requests import FIELDS, Listed
from idp.web.admin.door import Here
from idp.web.api import token_door
from idp.web.api.person_door import Caller
from idp.web.api.rights_door import api_allows
from idp.web.api.school_lists import PAGED, asked, day, page
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_school_requests", __name__)
_REQUESTS = "/schools/<school_id>/requests"
_ONE = f"{_REQUESTS}/<request_id>"
_MEMBERS = {"act", "text", "fields", "end_roles"}


@bp.get(_REQUESTS)
@told("Requests of subjects, what is due first on top", answer="SchoolRequests", scope=ADMIN, query=(*PAGED, "state", "kind"))  # fmt: skip  # noqa: E501
@api_allows("requests.read")
def inbox(here: Here, who: Caller) -> Response:
    answers = house().protection.answers
    waiting, late = answers.waiting(here.scope)
    found = answers.inbox(here.scope, asked("state", "kind"))
    return page(
        here, who, "requests", "SchoolRequestRow", found, lambda one: _row(who, one), waiting=waiting, late=late
    )  # fmt: skip


@bp.get(_ONE)
@told("One request with its words", answer="SchoolRequest", scope=ADMIN)
@api_allows("requests.read")
def one(here: Here, who: Caller, request_id: str) -> Response:
    return _one(here, who, request_id)


@bp.post(f"{_ONE}/answer")
@told("Does what was asked and says so, or refuses; the second answer is told as 409", answer="SchoolRequest", scope=ADMIN, body="RequestAnswer")  # fmt: skip  # noqa: E501
@api_allows("requests.answer")
def answer(here: Here, who: Caller, request_id: str) -> Response:
    """`act` is `do` or `refuse`."""
    sent, answers = _read(), house().protection.answers
    if sent["act"] == "refuse":
        answers.refuse(here.actor, here.scope, request_id, sent["text"])
    else:
        answers.answer(
            here.actor, here.scope, request_id, text=sent["text"], fields=sent["fields"], end_roles=sent["end_roles"]
        )
    return _one(here, who, request_id)


def _one(here: Here, who: Caller, request_id: str) -> Response:
    found = house().protection.answers.one(here.scope, request_id)
    house().viewing.saw(here.actor, found.person_id, here.school_id, "requests")
    whole = _row(who, found)
    if not found.is_restricted:
        words = {"requester": found.requester, "text": found.text, "fields": dict(found.fields)}
        whole |= words | {"answer": found.answer}
    return who.answers(who.shows("SchoolRequest", found.person_id, whole))


def _row(who: Caller, one: Listed) -> dict[str, Any]:
    person = {"id": one.person_id, "sub": who.sub(one.person_id)}
    if not one.is_restricted:
        person["name"] = one.person
    return {
        "id": one.id, "kind": one.kind, "person": person, "restricted": one.is_restricted,
        "made_at": day(one.made_at), "due_on": day(one.due_on), "days_left": one.days_left, "state": one.state,
        "closed_at": day(one.closed_at),
    }  # fmt: skip


def _read() -> dict[str, Any]:
    sent = token_door.body()
    if not isinstance(sent, dict) or set(sent) - _MEMBERS or sent.get("act") not in ("do", "refuse"):
        raise Invalid("the body is an object with act (do, refuse), and text, fields, end_roles beside it")
    whole = {"text": "", "fields": {}, "end_roles": False, **sent}
    fields = whole["fields"]
    if not isinstance(fields, dict) or set(fields) - set(FIELDS):
        raise Invalid(f"fields may hold {', '.join(FIELDS)}")
    if not all(isinstance(value, str) for value in (whole["text"], *fields.values())):
        raise Invalid("text and fields are texts")
    if not isinstance(whole["end_roles"], bool):
        raise Invalid("end_roles is true or false")
    return whole
