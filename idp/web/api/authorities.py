"""What an authority sees of the schools below it, and a school of itself: which there are, numbers, breaches.

Without a school in the address everything the right reaches; nobody is named, and groups of fewer than five are not
told to who reaches many schools.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from idp.oidc.scopes import ADMIN
from idp.services.breaches import Listed
from idp.services.rights import ALL, RIGHTS
from idp.web import i18n
from idp.web.admin.door import Here
from idp.web.api import token_door
from idp.web.api.person_door import Caller
from idp.web.api.rights_door import api_allows
from idp.web.api.school_lists import PAGED, asked, day, page
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_authorities", __name__)
_SCHOOL = "/schools/<school_id>"
_BREACHES = "Breaches of personal data: what must still be told on top"


@bp.get("/schools")
@told("Organisations in reach, as a tree in order", answer="Schools", scope=ADMIN, query=(*PAGED, "type"))
@api_allows("schools.read")
def schools(here: Here, who: Caller) -> Response:
    found = house().organisations.listed(here.scope, asked("type"), language=i18n.language())
    return page(here, who, "schools", "School", found, lambda one: {
        "id": one.id, "name": one.name, "type": one.type, "depth": one.depth, "is_active": one.is_active,
    })  # fmt: skip


@bp.get("/statistics")
@told("Numbers of everything in reach", answer="Statistics", scope=ADMIN)
@api_allows("statistics.read")
def statistics(here: Here, _who: Caller) -> Response:
    return _numbers(here)


@bp.get(f"{_SCHOOL}/statistics")
@told("Numbers of one school", answer="Statistics", scope=ADMIN)
@api_allows("statistics.read")
def school_statistics(here: Here, _who: Caller) -> Response:
    return _numbers(here)


@bp.get("/breaches")
@told(_BREACHES, answer="Breaches", scope=ADMIN, query=("page", "limit"))
@api_allows("breaches.read")
def breaches(here: Here, who: Caller) -> Response:
    return _register(here, who)


@bp.get(f"{_SCHOOL}/breaches")
@told(_BREACHES, answer="Breaches", scope=ADMIN, query=("page", "limit"))
@api_allows("breaches.read")
def school_breaches(here: Here, who: Caller) -> Response:
    return _register(here, who)


@bp.get(f"{_SCHOOL}/breaches/<breach_id>")
@told("One breach with what was done about it", answer="Breach", scope=ADMIN)
@api_allows("breaches.read")
def breach(here: Here, who: Caller, breach_id: str) -> Response:
    found = house().protection.breaches.one(here.scope, breach_id)
    words = {"measures": found.measures, "contact": found.contact, "notified_how": found.notified_how}
    return jsonify(who.shows("Breach", "", _row(found) | words))


def _numbers(here: Here) -> Response:
    anonymised = RIGHTS["statistics.read"].reach[here.actor.role] == ALL
    counted = house().protection.statistics.tables(here.scope, anonymised=anonymised)
    tables = [
        {"name": table.name, "rows": [{"key": row.key, "count": row.count} for row in table.rows]} for table in counted
    ]
    return jsonify(anonymised=anonymised, tables=tables)


def _register(here: Here, who: Caller) -> Response:
    return page(here, who, "breaches", "BreachRow", house().protection.breaches.listed(here.scope, asked()), _row)


def _row(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id, "school": {"id": one.school_id, "name": one.school_ru if _is_russian() else one.school},
        "detected_at": day(one.detected_at), "due_on": day(one.due_on), "what": one.what, "people": one.people,
        "notified_at": day(one.notified_at), "state": one.state, "closed_at": day(one.closed_at),
    }  # fmt: skip


def _is_russian() -> bool:
    return i18n.language() == "ru"
