"""The lines of a school's overview in words, each with the page where it is dealt with."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from idp.services.rights import RIGHTS
from idp.web.admin.door import Here
from idp.web.house import house

WORDS: dict[str, tuple[LazyString, str, str]] = {
    "pupils": (_("Pupils"), "admin_people.people", "people.read"),
    "classes": (_("Classes"), "admin_classes.classes", "classes.read"),
    "staff": (_("Staff"), "admin_people.people", "people.read"),
    "pupils_without_class": (_("Pupils without a class"), "admin_classes.classes", "classes.read"),
    "classes_without_teacher": (_("Classes without a class teacher"), "admin_classes.classes", "classes.read"),
    "guardians_waiting": (_("Guardians to confirm"), "admin_guardians.listed", "guardians.read"),
    "breaches_late": (_("Breaches not told in time"), "admin_breaches.register", "breaches.read"),
    "breaches_untold": (_("Breaches to be told"), "admin_breaches.register", "breaches.read"),
    "requests_late": (_("Requests about data, overdue"), "admin_requests.inbox", "requests.read"),
    "requests_open": (_("Requests about data to answer"), "admin_requests.inbox", "requests.read"),
    "withdrawals_late": (_("Withdrawn consents, overdue"), "admin_consents.withdrawals", "consents.answer"),
    "withdrawals_open": (_("Withdrawn consents to answer"), "admin_consents.withdrawals", "consents.answer"),
    "export_alerts": (_("Alerts: much data was taken"), "admin_log.log", "audit.read"),
}
"""Name → (words, endpoint of the page, the page's right). Names are those of `services/waiting.py`."""


NUMBERS = ("pupils", "classes", "staff")
"""How large the school is; everything else waits for somebody."""

Line = tuple[int, LazyString, str]


def lines(here: Here) -> tuple[list[Line], list[Line]]:
    """Numbers, and what waits: (count, words, address); the address is empty for who may not open the page."""
    numbers: list[Line] = []
    found: list[Line] = []
    for name, count in house().waiting.counted(here.scope, here.actor):
        words, endpoint, right = WORDS[name]
        may_open = here.actor.role in RIGHTS[right].reach
        (numbers if name in NUMBERS else found).append(
            (count, words, url_for(endpoint, school_id=here.school_id) if may_open else "")
        )
    return numbers, found
