"""/api/v1/schools: what a school keeps, in lists as the console shows them, with the console's rights."""

from __future__ import annotations

from flask import Response, jsonify

from idp.core.errors import Invalid
from idp.oidc.scopes import ADMIN
from idp.web import i18n
from idp.web.admin.door import Here
from idp.web.api import token_door
from idp.web.api.person_door import Caller
from idp.web.api.rights_door import api_allows
from idp.web.api.school_lists import PAGED, asked, day, page
from idp.web.api.told import told
from idp.web.house import house

bp = token_door.blueprint("api_schools", __name__)
_SCHOOL = "/schools/<school_id>"
_PERSON = f"{_SCHOOL}/people/<person_id>"
_EDITED = ("family_name", "given_name", "middle_name", "birth_date", "sex", "language", "email", "phone")


@bp.get(f"{_SCHOOL}/people")
@told("People of a school", answer="People", scope=ADMIN, query=(*PAGED, "role", "class", "state", "sort"))
@api_allows("people.read")
def people(here: Here, who: Caller) -> Response:
    found = house().people_lists.of_school(here.scope, asked("role", "class", "state", sorts=("name", "-name")))
    return page(here, who, "people", "PersonRow", found, lambda one: {
        "id": one.id, "sub": who.sub(one.id), "name": one.name, "username": one.username,
        "birth_date": day(one.birth_date), "roles": list(one.roles), "classes": list(one.classes),
        "state": one.state,
    })  # fmt: skip


@bp.get(_PERSON)
@told("One person of a school", answer="Person", scope=ADMIN)
@api_allows("people.read")
def person(here: Here, who: Caller, person_id: str) -> Response:
    _count(here)
    return _person(here, who, person_id)


@bp.patch(_PERSON)
@told("Changes what is sent and leaves the rest as it is", answer="Person", scope=ADMIN, body="PersonChange")
@api_allows("people.write")
def change(here: Here, who: Caller, person_id: str) -> Response:
    """RFC 7396 with texts only: an empty one clears a member."""
    house().directory.face(here.scope, person_id)
    _count(here)
    sent = token_door.body()
    if not isinstance(sent, dict) or not sent or set(sent) - set(_EDITED):
        raise Invalid(f"the body is an object with some of {', '.join(_EDITED)}")
    if not all(isinstance(value, str) for value in sent.values()):
        raise Invalid("every member is a text")
    now = house().person_facts.of(here.scope, person_id)
    form = {name: str(getattr(now, name) or "") for name in _EDITED} | sent
    house().person_edits.change(here.actor, here.scope, person_id, form)
    return _person(here, who, person_id)


@bp.get(f"{_SCHOOL}/classes")
@told("Classes of a school", answer="Classes", scope=ADMIN, query=(*PAGED, "grade", "shift", "language", "kind", "status"))  # fmt: skip  # noqa: E501
@api_allows("classes.read")
def classes(here: Here, who: Caller) -> Response:
    found = house().classes.listed(here.scope, asked("grade", "shift", "language", "kind", "status"))
    return page(here, who, "classes", "ClassRow", found, lambda one: {
        "id": one.id, "title": one.title, "grade": one.grade, "shift": one.shift, "language": one.language,
        "kind": one.kind, "is_open": one.is_open, "pupils": one.pupils, "teacher": one.teacher,
    })  # fmt: skip


@bp.get(f"{_SCHOOL}/guardianships")
@told("Who may act for which pupil", answer="Guardianships", scope=ADMIN, query=(*PAGED, "state", "class"))
@api_allows("guardians.read")
def guardianships(here: Here, who: Caller) -> Response:
    found = house().guardian_links.listed(here.scope, asked("state", "class"))
    return page(here, who, "guardianships", "Guardianship", found, lambda one: {
        "id": one.id, "child": {"id": one.child_id, "sub": who.sub(one.child_id), "name": one.child},
        "guardian": {"id": one.guardian_id, "sub": who.sub(one.guardian_id), "name": one.guardian},
        "relation": one.relation, "class": one.class_title, "state": one.state, "begin": day(one.begin),
        "end": day(one.end),
    })  # fmt: skip


@bp.get(f"{_SCHOOL}/cards")
@told("Cards of a school and who has none", answer="Cards", scope=ADMIN, query=(*PAGED, "state", "class"))
@api_allows("cards.read")
def cards(here: Here, who: Caller) -> Response:
    found = house().card_lists.listed(here.scope, asked("state", "class"))
    return page(here, who, "cards", "CardRow", found, lambda one: {
        "id": one.card_id or None, "person": {"id": one.person_id, "sub": who.sub(one.person_id), "name": one.name},
        "class": one.class_title, "state": one.state, "reason": one.reason, "number_ends_in": one.hint,
        "changed_at": one.changed_at.isoformat() if one.changed_at else None,
    })  # fmt: skip


@bp.get(f"{_SCHOOL}/calendar")
@told("Years, terms, days that differ, and bells of a school", answer="Calendar", scope=ADMIN)
@api_allows("calendar.read")
def calendar(here: Here, who: Caller) -> Response:
    view = house().calendar.view(here.scope, here.school_id, language=i18n.language())
    return jsonify(
        is_own=view.is_own,
        sessions=[
            {
                "id": row["id"], "type": row["type"], "title": row["title"], "begin": day(row["begin"]),
                "end": day(row["end"]), "school_year": row["school_year"],
            }
            for row in view.sessions
        ],
        days=[
            {"id": row["id"], "kind": row["kind"], "begin": day(row["begin"]), "end": day(row["end"])}
            for row in view.days
        ],
        bells={
            shift: [{"lesson": row["lesson"], "begin": row["begin"], "end": row["end"]} for row in rows]
            for shift, rows in view.bells.items()
        },
    )  # fmt: skip


def _count(here: Here) -> None:
    """One by one a region can be copied too."""
    house().exports.take(f"person:{here.actor.person_id}", 1, school_id=here.school_id)


def _person(here: Here, who: Caller, person_id: str) -> Response:
    facts = house().person_facts.of(here.scope, person_id)
    house().viewing.saw(here.actor, person_id, here.school_id, "facts")
    whole = {name: getattr(facts, name) for name in _EDITED if name != "birth_date"} | {
        "id": person_id,
        "sub": who.sub(person_id),
        "username": facts.username,
        "birth_date": day(facts.birth_date),
        "iin": facts.iin,
        "classes": list(facts.classes),
        "is_current": facts.is_current,
    }
    return who.answers(who.shows("Person", person_id, whole))
