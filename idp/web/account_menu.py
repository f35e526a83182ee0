"""What stands in the menu of the account."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from idp.web.cookies import session_token
from idp.web.house import house


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry is marked on every page of its blueprint."""

    endpoint: str
    label: LazyString
    icon: str
    also: tuple[str, ...] = ()
    """Further blueprints whose pages belong to it."""


MENU: tuple[Entry, ...] = (
    Entry("account.home", _("My account"), "user"),
    Entry("account_children.page", _("Family"), "people"),
    Entry("account_consents.consents", _("Consents"), "sign"),
    Entry("account_data.page", _("My data"), "file", also=("account_requests",)),
    Entry("account_services.page", _("Services opened"), "globe"),
    Entry("account_security.page", _("Security"), "key", also=("account_factors", "account_email")),
)
"""On a phone the first four stand at the bottom, and the others in the person's own menu and on the first page."""


def init(app: Flask) -> None:
    app.context_processor(lambda: {"account_nav": account_nav, "is_young": is_young})


def is_young() -> bool:
    """Whether a page of the account speaks to a pupil of the first four grades, in the role that is active now."""
    here = house().sessions.current(session_token(request))
    held = house().sessions.memberships(here.person_id) if here is not None else []
    return any(one.is_young for one in held if here is not None and one.id == here.membership_id)


def account_nav() -> list[tuple[str, LazyString, str, bool]]:
    """Address, label, icon, and whether this is the page."""
    here = request.blueprint
    return [
        (url_for(one.endpoint), one.label, one.icon, here in (one.endpoint.split(".")[0], *one.also)) for one in MENU
    ]
