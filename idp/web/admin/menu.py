"""What stands in the side bar of the console, and in the tabs of one person: only what the role holds a right to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from idp.services.acting import Actor
from idp.web import i18n
from idp.web.admin.door import Here
from idp.web.house import house


@dataclass(frozen=True, slots=True)
class Entry:
    """`group` marks the entry for every page of its blueprint."""

    endpoint: str
    label: LazyString
    icon: str
    right: str


MENU: tuple[Entry, ...] = (Entry("admin_overview.school", _("Overview"), "home", "schools.read"),)
"""In the order of the day's work; on a phone the first four stand at the bottom, and the overview lists all."""

PERSON_TABS: tuple[Entry, ...] = ()
"""Pages of one person, under `/admin/schools/<school_id>/people/<person_id>`."""


def init(app: Flask) -> None:
    app.context_processor(_context)


def entries(actor: Actor, listed: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in listed if actor.holds(entry.right)]


def _context() -> dict[str, object]:
    """`admin_person` and `admin_school`; in a school `nav_items`, and `person_tabs`, a function of a person's id."""
    here: Here | None = g.get("here")
    if here is None:
        return {}
    person = house().credentials.person(here.actor.person_id)
    assert person is not None
    initials = person.given_name[:1] + person.family_name[:1]
    shown: dict[str, object] = {"admin_person": {"name": person.name, "initials": initials, "role": here.actor.role}}
    if not here.school_id:
        return shown
    school = house().organisations.face(here.scope, here.school_id, language=i18n.language())
    blueprint = request.blueprint

    def items(listed: tuple[Entry, ...], **values: Any) -> list[tuple[str, LazyString, str, bool]]:
        return [
            (
                url_for(entry.endpoint, school_id=here.school_id, **values),
                entry.label,
                entry.icon,
                entry.endpoint == request.endpoint if values else entry.endpoint.split(".")[0] == blueprint,
            )
            for entry in entries(here.actor, listed)
        ]

    return shown | {
        "admin_school": school.name,
        "nav_items": items(MENU),
        "person_tabs": lambda person_id: [
            (href, label, current) for href, label, _icon, current in items(PERSON_TABS, person_id=person_id)
        ],
    }
