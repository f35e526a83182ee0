"""What stands in the side bar of the console, and in the tabs of one person: only what the role holds a right to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from idp.services.acting import Actor
from idp.services.rights import ALL, RIGHTS
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


MENU: tuple[Entry, ...] = (
    Entry("admin_overview.school", _("Overview"), "home", "schools.read"),
    Entry("admin_people.people", _("People"), "people", "people.read"),
    Entry("admin_classes.classes", _("Classes"), "school", "classes.read"),
    Entry("admin_guardians.listed", _("Guardians"), "shield", "guardians.read"),
    Entry("admin_consents.consents", _("Consents"), "sign", "consents.read"),
    Entry("admin_cards.cards", _("Cards"), "badge", "cards.read"),
    Entry("admin_calendar.calendar", _("Calendar"), "calendar", "calendar.read"),
    Entry("admin_imports.imports", _("Import"), "file", "imports.run"),
    Entry("admin_services.services", _("Services"), "globe", "clients.read"),
    Entry("admin_requests.inbox", _("Requests"), "mail", "requests.read"),
    Entry("admin_breaches.register", _("Breaches"), "alert", "breaches.read"),
    Entry("admin_access.page", _("Who has access"), "lock", "access.read"),
    Entry("admin_log.log", _("Log"), "book", "audit.read"),
    Entry("admin_statistics.school", _("Statistics"), "grid", "statistics.read"),
    Entry("admin_schools.settings", _("Settings"), "tune", "schools.settings"),
)
"""In the order of the day's work; on a phone the first four stand at the bottom, and the overview lists all."""

BREAKS = frozenset(
    {"admin_people.people", "admin_calendar.calendar", "admin_requests.inbox", "admin_statistics.school"}
)
"""Entries before which the side bar leaves a gap: pupils and their families, the school, personal data, the rest."""

BELONGS = {
    "admin_photos": "admin_people",
    "admin_duplicates": "admin_people",
    "admin_transfers": "admin_people",
    "admin_guardian": "admin_guardians",
    "admin_card": "admin_cards",
    "admin_years": "admin_classes",
}
"""Blueprints, by how their names begin, that stand under the entry of another one; pages of one person under People."""

PERSON_TABS: tuple[Entry, ...] = (
    Entry("admin_person.facts", _("Facts"), "user", "people.read"),
    Entry("admin_person_guardians.links", _("Guardians"), "shield", "guardians.read"),
    Entry("admin_card_steps.of_person", _("Cards"), "badge", "cards.read"),
    Entry("admin_person_consents.person", _("Consents"), "sign", "consents.read"),
    Entry("admin_log.person", _("Access"), "clock", "audit.read"),
)
"""Pages of one person, under `/admin/schools/<school_id>/people/<person_id>`."""

WIDE: tuple[Entry, ...] = (
    Entry("admin_schools.schools", _("Organisations"), "school", "schools.read"),
    Entry("admin_people.everywhere", _("People"), "people", "people.read"),
    Entry("admin_breaches.everywhere", _("Breaches"), "alert", "breaches.read"),
    Entry("admin_statistics.everywhere", _("Statistics"), "grid", "statistics.read"),
    Entry("admin_retention.page", _("What goes when"), "clock", "retention.read"),
    Entry("admin_log.everywhere", _("Log"), "book", "audit.read"),
    Entry("admin_maintenance.page", _("Planned work"), "calendar", "maintenance.write"),
)
"""In the side bar of pages that belong to no single school."""


def init(app: Flask) -> None:
    app.context_processor(_context)


def entries(actor: Actor, listed: tuple[Entry, ...]) -> list[Entry]:
    return [entry for entry in listed if actor.holds(entry.right)]


def _is_of(blueprint: str | None, entry: Entry) -> bool:
    """`admin_consents_texts` stands under the entry of `admin_consents`."""
    name = entry.endpoint.split(".")[0]
    if blueprint is None:
        return False
    if "person_id" in (request.view_args or {}):
        return name == "admin_people"
    owner = next((BELONGS[begin] for begin in BELONGS if blueprint == begin or blueprint.startswith(f"{begin}_")), "")
    return name in (blueprint, owner) or blueprint.startswith(f"{name}_")


def _only(here: Here) -> str:
    """The one school of somebody who reaches no other: pages that belong to no school keep its side bar."""
    is_bound = RIGHTS["schools.read"].reach.get(here.actor.role, ALL) != ALL
    return here.actor.organisation_id if is_bound and here.actor.organisation_id in here.scope.schools else ""


def _context() -> dict[str, object]:
    """`admin_person` and `admin_school`; in a school `nav_items`, and `person_tabs`, a function of a person's id."""
    here: Here | None = g.get("here")
    if here is None:
        return {}
    person = house().credentials.person(here.actor.person_id)
    assert person is not None
    initials = person.given_name[:1] + person.family_name[:1]
    shown: dict[str, object] = {"admin_person": {"name": person.name, "initials": initials, "role": here.actor.role}}
    school_id = here.school_id or _only(here)
    if not school_id:
        wide = [
            (url_for(entry.endpoint), entry.label, entry.icon, _is_of(request.blueprint, entry))
            for entry in entries(here.actor, WIDE)
        ]
        return shown | {"nav_items": wide}
    school = house().organisations.face(here.scope, school_id, language=i18n.language())
    blueprint = request.blueprint

    def items(listed: tuple[Entry, ...], **values: Any) -> list[tuple[str, LazyString, str, bool]]:
        return [
            (
                url_for(entry.endpoint, school_id=school_id, **values),
                entry.label,
                entry.icon,
                entry.endpoint == request.endpoint if values else _is_of(blueprint, entry),
            )
            for entry in entries(here.actor, listed)
        ]

    return shown | {
        "admin_school": school.name,
        "nav_items": items(MENU),
        "nav_breaks": {url_for(endpoint, school_id=school_id) for endpoint in BREAKS},
        "person_tabs": lambda person_id: [
            (href, label, current) for href, label, _icon, current in items(PERSON_TABS, person_id=person_id)
        ],
    }
