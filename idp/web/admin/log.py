"""The log: what happened at a school, or at all schools in reach; and who saw and changed one person's data."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.services.listing import Asked
from idp.web import i18n
from idp.web.admin.door import Here, allows
from idp.web.admin.lists import asked, exported
from idp.web.house import house

bp = Blueprint("admin_log", __name__, url_prefix="/admin")
_LINES = 10
"""On a page: each carries its details of up to a kilobyte, and the page must stay small."""


@bp.get("/schools/<school_id>/log")
@allows("audit.read")
def log(here: Here) -> str | Response:
    return _log(here)


@bp.get("/log")
@allows("audit.read")
def everywhere(here: Here) -> str | Response:
    """Over every organisation in reach; the operator also sees what belongs to no school."""
    return _log(here)


@bp.get("/schools/<school_id>/people/<person_id>/access")
@allows("audit.read")
def person(here: Here, person_id: str) -> str | Response:
    """Everything about one person: who looked, what changed, which services received what."""
    face = house().directory.face(here.scope, person_id, language=i18n.language())
    wanted = replace(asked("event", "from", "to"), per_page=_LINES)
    found = house().audit_log.page(here.scope, wanted, about=person_id, language=i18n.language())
    return exported(
        here, "access", _columns(), lambda: _rows(here, wanted, person_id), right="audit.read"
    ) or render_template(
        "admin/person_access.html", person=face, found=found, first_day=house().audit_log.first_day(wanted)
    )


def _log(here: Here) -> str | Response:
    wanted = replace(asked("event", "from", "to"), per_page=_LINES)
    found = house().audit_log.page(here.scope, wanted, language=i18n.language())
    return exported(here, "log", _columns(), lambda: _rows(here, wanted), right="audit.read") or render_template(
        "admin/log.html", found=found, first_day=house().audit_log.first_day(wanted), school_id=here.school_id,
        alerts=house().audit_log.alerts(here.scope),
    )  # fmt: skip


def _columns() -> list[str]:
    return [_("Time"), _("Event code"), _("Who"), _("About whom"), _("Service"), _("School"), _("Details")]


def _rows(here: Here, wanted: Asked, about: str = "") -> list[tuple[object, ...]]:
    lines = house().audit_log.lines(here.scope, wanted, about=about, language=i18n.language())
    return [
        (one.at, one.event, one.actor, one.person, one.client, one.school, "; ".join(": ".join(p) for p in one.details))
        for one in lines
    ]
