"""How the cabinet is put together: scope, menu, pages."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, g
from flask_babel import gettext
from requests.adapters import BaseAdapter

from clients.cabinet import views
from clients.cabinet.sections import sections_for
from clients.kit.app import Client, make_app
from clients.kit.settings import ClientSettings
from idp.core.clock import Clock

SCOPE = "openid profile school roles classes children licences me"


def _brand() -> str:
    return str(gettext("Cabinet"))


def _nav() -> list[tuple[str, str, str, bool]]:
    words = {
        "resources": (gettext("Resources"), "book"),
        "children": (gettext("My children"), "people"),
        "classes": (gettext("My classes"), "school"),
        "me": (gettext("Me"), "user"),
    }
    shown = sections_for(g.person)
    return [
        ("/" if section == shown[0] else f"/{section}", *words[section], g.get("section") == section)
        for section in shown
    ]


CLIENT = Client(
    name="cabinet",
    folder=Path(__file__).parent,
    scope=SCOPE,
    brand=_brand,
    nav=_nav,
    blueprints=(views.bp,),
)


def create_app(
    settings: ClientSettings | None = None, *, clock: Clock | None = None, transport: BaseAdapter | None = None
) -> Flask:
    """The cabinet as a WSGI app; settings come from `BILIM_CABINET_…` when not given."""
    return make_app(CLIENT, settings, clock=clock, transport=transport)
