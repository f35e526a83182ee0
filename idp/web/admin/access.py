"""Who may see personal data here, what each may do, and how surely they sign in (order-456 reference D18)."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from idp.services.listing import Found
from idp.services.role_words import role_word
from idp.web import i18n
from idp.web.admin import lists
from idp.web.admin.door import Here, allows
from idp.web.house import house

bp = Blueprint("admin_access", __name__, url_prefix="/admin")


@bp.get("/schools/<school_id>/access")
@allows("access.read")
def page(here: Here) -> str | Response:
    entries = house().protection.access.entries(here.scope)
    columns = (_("Full name"), _("Role"), _("Since"), _("Last sign-in"), _("Second factor"), _("May do"))

    def rows() -> list[tuple[object, ...]]:
        return [
            (
                one.name,
                role_word(one.role, i18n.language()),
                one.since,
                one.last_seen,
                _("Yes") if one.has_second_factor else _("No"),
                " ".join(name for name, _reach in one.rights),
            )
            for one in entries
        ]

    file = lists.exported(here, "access", columns, rows, right="access.read")
    if file is not None:
        return file
    asked = lists.asked()
    shown = entries[asked.offset : asked.offset + asked.per_page]
    return render_template(
        "admin/access.html",
        school_id=here.school_id,
        found=Found(shown, len(entries), asked),
        roles={one.role: one.rights for one in entries},
    )
